// The same as origin.py in node: `node origin.js PORT FOLDER`. At SIGHUP, a new worker takes the place of the old one.
const cluster = require("cluster"), fs = require("fs"), http = require("http"), zlib = require("zlib");
const [port, folder] = process.argv.slice(2);

function respond(request, response, sent) {
  const [how, name] = request.url.split("/").slice(-2);
  if (how === "none") return response.writeHead(204).end();
  if (how === "same") return response.writeHead(304, { ETag: '"a"' }).end();
  const data = how === "echo" ? sent : fs.readFileSync(`${folder}/${name}`);
  if (how === "end") {
    response.setHeader("Connection", "close");
    response.useChunkedEncodingByDefault = false;
  }
  if (how === "gzip") {
    response.writeHead(200, { "Content-Encoding": "gzip" }).flushHeaders();
  }
  if (how === "length" || how === "error" || how === "echo")
    response.writeHead(how === "error" ? 500 : 200, { "Content-Length": data.length });
  if (how === "chunked") response.write(data.subarray(0, 10));
  const rest = how === "gzip" ? zlib.gzipSync(data) : how === "chunked" ? data.subarray(10) : data;
  // server.close() destroys connections whose response has ended, whether it is sent or not: a reload would cut some.
  response.write(rest, () => response.end());
}

if (cluster.isPrimary) {
  let worker = cluster.fork();
  process.on("SIGHUP", () => {
    const old = worker;
    worker = cluster.fork();
    worker.once("listening", () => { old.disconnect(); console.log("reloaded"); });
  });
} else {
  http.createServer((request, response) => {
    const parts = [];
    request.on("data", (part) => parts.push(part));
    request.on("end", () => respond(request, response, Buffer.concat(parts)));
  }).listen(port, "127.0.0.1");
}
