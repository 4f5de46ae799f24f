// A stand-in for InfluxDB's write API: takes what is written, and checks each line against the line protocol.
const http = require('node:http');

// measurement,key=value,... key=float timestamp; in the first part commas, equals signs and blanks are escaped.
const part = String.raw`(?:[^,= \\\n]|\\[,= ])+`;
const form = new RegExp(`^(${part})((?:,${part}=${part})*) (${part})=(-?\\d+(?:\\.\\d+)?(?:e[+-]?\\d+)?) (\\d{10})$`);

const plain = text => text.replace(/\\([,= ])/g, '$1');

/// What a line says, or an error that tells what is wrong with it.
function parse(line) {
  const match = form.exec(line);
  if (!match) throw new Error(`not line protocol: ${line}`);
  const [, measurement, tags, field, value, time] = match;
  const pairs = tags.split(/(?<!\\),/).filter(Boolean).map(pair => pair.split(/(?<!\\)=/).map(plain));
  return {measurement, tags: Object.fromEntries(pairs), field, value: Number(value), time: Number(time)};
}

class Influx {
  constructor() {
    /// answer: the status of the next answers. Lines of refused writes are not kept.
    Object.assign(this, {answer: 204, points: [], wrong: [], requests: []});
  }

  async start() {
    this.server = http.createServer((request, response) => {
      let text = '';
      request.setEncoding('utf8').on('data', more => { text += more; }).on('end', () => {
        const url = new URL(request.url, 'http://localhost');
        this.requests.push({method: request.method, path: url.pathname, query: Object.fromEntries(url.searchParams),
          token: request.headers.authorization});
        if (this.answer < 300) {
          for (const line of text.split('\n')) {
            try { this.points.push(parse(line)); } catch (error) { this.wrong.push(error.message); }
          }
        }
        response.writeHead(this.answer).end(this.answer < 300 ? '' : '{"message": "as the test wants it"}');
      });
    });
    await new Promise(resolve => this.server.listen(0, '127.0.0.1', resolve));
    this.url = `http://127.0.0.1:${this.server.address().port}`;
  }

  stop() { this.server?.close(); }
}

module.exports = {parse, Influx};
