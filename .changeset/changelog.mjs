// Turns a changeset into an entry of the changelogs: its text, without a commit. The core and the adapters share
// one version, so an entry for the new version of a dependency would say nothing.
export default {
  async getReleaseLine({ summary }) {
    const [first = "", ...rest] = summary.trim().split("\n");
    return [`- ${first}`, ...rest.map((line) => (line === "" ? "" : `  ${line}`))].join("\n");
  },
  async getDependencyReleaseLine() {
    return "";
  },
};
