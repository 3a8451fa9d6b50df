// Writes 200,000 bytes to a file. With "finish" it prints the error code of finish(); with "close" it only closes.
import { createWriteStream } from "node:fs";
import { fromWritable } from "@pipe512/node";

const [path, how] = process.argv.slice(2);
const writer = fromWritable(createWriteStream(path, { highWaterMark: 2 ** 20 }));
await writer.write(new Uint8Array(200_000));
if (how === "close") writer.close();
else
  await writer.finish().then(
    () => console.log("finished"),
    (error) => console.log(error.code),
  );
