// Compares random scripts with Go: how many, a seed, and what to compare. It prints how many steps were compared.
import { compare, type Kind } from "../go/differential.ts";

const [count = "1000", seed = "1", kind = "pipe"] = process.argv.slice(2);
console.log(await compare(kind as Kind, Number(count), Number(seed)));
