// Reads one request as JSON, and sends it by the client that the argument names.
import http from "node:http";

let input = "";
for await (const part of process.stdin) input += part;
const given = JSON.parse(input);
const url = new URL(given.url);
for (const [name, value] of given.params) url.searchParams.append(name, value);
const headers = { ...given.headers };
let body;
if (given.form) body = new URLSearchParams(given.form);
if (given.content !== null) body = Buffer.from(given.content, "hex");
if ("json" in given) {
  body = JSON.stringify(given.json);
  headers["Content-Type"] ??= "application/json";
}
if (process.argv[2] === "fetch") {
  if (given.basic) headers.Authorization = "Basic " + Buffer.from(given.basic.join(":")).toString("base64");
  await fetch(url, { method: given.method, headers, body });
} else {
  if (body instanceof URLSearchParams) {
    headers["Content-Type"] = "application/x-www-form-urlencoded";
    body = body.toString();
  }
  if (body !== undefined) headers["Content-Length"] = Buffer.byteLength(body);
  const auth = given.basic?.join(":");
  await new Promise((resolve, reject) => {
    const request = http.request(url, { method: given.method, headers, auth, agent: false }, (response) => {
      response.resume();
      response.on("end", resolve);
    });
    request.on("error", reject);
    request.end(body);
  });
}
