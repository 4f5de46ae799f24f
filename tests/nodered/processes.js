// Programs that a test starts on loopback and ends again, and waiting for what they do.
const {spawn} = require('node:child_process');
const net = require('node:net');

// Only what never comes takes this long, however much else a machine has to do.
const patience_s = 120;

const running = new Set();

/// Waits until check() gives something; fails with `what` and the last reason after so many seconds.
async function until(what, check, seconds = patience_s) {
  const end = performance.now() + seconds * 1000;
  let reason = '';
  for (;;) {
    try {
      const found = await check();
      if (found) return found;
    } catch (error) {
      reason = `: ${error.message}`;
    }
    if (performance.now() > end) throw new Error(`${what}: not within ${seconds} s${reason}`);
    await new Promise(resolve => setTimeout(resolve, 50));
  }
}

/// A port of 127.0.0.1 that nobody uses. Below those that the system gives out by itself, so that it stays free.
async function freePort() {
  for (;;) {
    const port = 20000 + Math.floor(Math.random() * 10000);
    const free = await new Promise(resolve => {
      const server = net.createServer().once('error', () => resolve(false));
      server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
    });
    if (free) return port;
  }
}

/// A program that runs. `log` is all that it has written.
class Program {
  constructor(name, command, args, options = {}) {
    this.name = name;
    this.log = '';
    this.ended = false;
    this.process = spawn(command, args, {stdio: ['ignore', 'pipe', 'pipe'], ...options});
    running.add(this);
    for (const stream of [this.process.stdout, this.process.stderr]) {
      stream.setEncoding('utf8').on('data', text => { this.log += text; });
    }
    this.gone = new Promise(resolve => this.process.once('close', () => {
      this.ended = true;
      running.delete(this);
      resolve();
    }));
    this.process.once('error', error => { this.log += `${error.message}\n`; });
  }

  /// The match of a pattern in what it has written. One that has ended will not write it any more.
  async says(pattern) {
    const found = await until(`${this.name} says ${pattern}`, () => pattern.exec(this.log) || this.ended);
    if (found === true) throw new Error(`${this.name} has ended and did not say ${pattern}: ${this.log.slice(-1000)}`);
    return found;
  }

  async stop(signal = 'SIGTERM') {
    if (this.ended) return;
    this.process.kill(signal);
    const late = setTimeout(() => this.process.kill('SIGKILL'), patience_s * 1000);
    await this.gone;
    clearTimeout(late);
  }
}

async function stopAll() {
  await Promise.all([...running].reverse().map(program => program.stop()));
}

module.exports = {patience_s, until, freePort, Program, stopAll};
