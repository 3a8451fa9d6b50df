import { readerFrom, writeText } from "@pipe512/core";
import { toReadableStream } from "@pipe512/web";

export function download(rows: number): Response {
  const table = readerFrom(async (writer) => {
    for (let row = 0; row < rows; row++) await writeText(writer, `${row},${row * row}\n`);
  });
  return new Response(toReadableStream(table), {
    headers: { "content-type": "text/csv", "content-disposition": "attachment; filename=table.csv" },
  });
}
