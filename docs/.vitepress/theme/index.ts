import type { Theme } from "vitepress";
import DefaultTheme from "vitepress/theme";
import RingPicture from "./RingPicture.vue";
import "./style.css";

export default {
  extends: DefaultTheme,
  enhanceApp({ app }) {
    app.component("RingPicture", RingPicture);
  },
} satisfies Theme;
