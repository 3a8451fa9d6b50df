import { createHash } from "node:crypto";
import http from "node:http";

/**
 * An in-memory S3-compatible server for multipart uploads. `refuse(partNumber)` decides whether a part is rejected.
 * `objects` has the completed objects, and `aborted` the aborted uploads.
 */
export function s3Server(refuse = () => false) {
  const objects = new Map();
  const aborted = [];
  let parts = new Map();
  const answer = async (request, response) => {
    const { pathname, searchParams } = new URL(request.url, "http://s3");
    const chunks = [];
    try {
      for await (const chunk of request) chunks.push(chunk);
    } catch {
      return; // The client has closed the connection.
    }
    const body = Buffer.concat(chunks);
    const xml = (text, status = 200) => {
      response.writeHead(status, { "content-type": "application/xml" });
      response.end(`<?xml version="1.0" encoding="UTF-8"?>${text}`);
    };
    if (request.method === "POST" && searchParams.has("uploads")) {
      parts = new Map();
      xml("<InitiateMultipartUploadResult><UploadId>1</UploadId></InitiateMultipartUploadResult>");
    } else if (request.method === "PUT") {
      const number = Number(searchParams.get("partNumber") ?? 1);
      if (refuse(number)) {
        xml("<Error><Code>AccessDenied</Code><Message>refused</Message></Error>", 403);
        return;
      }
      if (searchParams.has("partNumber")) parts.set(number, body);
      else objects.set(pathname, body);
      response.writeHead(200, { etag: `"${createHash("md5").update(body).digest("hex")}"` }).end();
    } else if (request.method === "POST") {
      objects.set(pathname, Buffer.concat([...parts].toSorted(([a], [b]) => a - b).map(([, part]) => part)));
      xml("<CompleteMultipartUploadResult><ETag>1</ETag></CompleteMultipartUploadResult>");
    } else {
      aborted.push(pathname);
      response.writeHead(204).end();
    }
  };
  const server = http.createServer((request, response) => void answer(request, response));
  return { server, objects, aborted };
}
