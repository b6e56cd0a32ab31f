// A session of the native API (docs/native.asyncapi.yaml): paced audio out, messages in, resumed after a break.

const RATE = 16000;
const BYTES = 2;
const KEEP_S = 30; // audio that can be sent again
const AHEAD = 64 * 1024; // bytes that may wait in the socket
const RETRY_MS = [0, 250, 500, 1000, 2000, 4000, 8000];

export class Session {
  #socket = null;
  #wish;
  #on;
  #key;
  #token = "";
  #window = 0;
  #held = 0; // samples of #kept
  #ready = false;
  #base = 0; // first sample that is kept
  #kept = []; // frames from #base on
  #next = 0; // of #kept: the first that was not sent
  #throttled = false;
  #received = { transcripts: {}, translations: {}, samples: {} };
  #speech = null; // the header whose audio comes next
  #tries = 0;
  #over = false;
  #ending = false;
  #brokenAt = 0;
  #timer = 0;

  /**
   * @param {string} key API key or session token
   * @param {object} wish the `start` message, without its type
   * @param {(message: object, audio?: ArrayBuffer) => void} on every message; `state` of our own: "on", "lost", "over"
   */
  constructor(key, wish, on) {
    this.#key = key;
    this.#wish = wish;
    this.#on = on;
    this.#connect();
  }

  /** Send 20 ms of audio; what cannot be sent now is sent later, in order. */
  send(frame) {
    if (this.#over) return;
    this.#kept.push(frame);
    this.#held += frame.byteLength / BYTES;
    this.#flush();
    while (this.#held > KEEP_S * RATE && this.#next > 0) {
      const samples = this.#kept.shift().byteLength / BYTES;
      this.#base += samples;
      this.#held -= samples;
      this.#next -= 1;
    }
  }

  /** Send a message: `update`, `translate`, `stop_speech` … */
  tell(message) {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  /** No more audio: the rest of the results comes, then "over". */
  end() {
    this.#ending = true;
    this.#flush();
    this.tell({ type: "end" });
  }

  /** Leave at once. */
  close() {
    this.#over = true;
    clearTimeout(this.#timer);
    this.#socket?.close();
  }

  /** The machine has slept: the socket may be dead without a word of it. */
  renew() {
    if (this.#over || !this.#ready) return;
    this.#socket.onclose = this.#socket.onmessage = null;
    this.#socket.close(4000); // a normal close would end the session
    this.#closed(0, "");
  }

  #connect() {
    const url = new URL("/v1/stream", location.href);
    url.protocol = url.protocol.replace("http", "ws");
    const socket = (this.#socket = new WebSocket(url));
    socket.binaryType = "arraybuffer";
    socket.onopen = () => socket.send(JSON.stringify(this.#token ? this.#resume() : this.#start()));
    socket.onmessage = ({ data }) => this.#take(data);
    socket.onclose = ({ code, reason }) => this.#closed(code, reason);
  }

  #start() {
    return { type: "start", key: this.#key, resume: true, ...this.#wish };
  }

  #resume() {
    return { type: "resume", key: this.#key, token: this.#token, received: this.#received, audio_from: this.#base, jobs: [] };
  }

  #take(data) {
    if (typeof data !== "string") {
      const header = this.#speech;
      this.#speech = null;
      this.#countSamples(header, data.byteLength / BYTES);
      this.#on(header, data);
      return;
    }
    const message = JSON.parse(data);
    switch (message.type) {
      case "started":
        this.#started(message);
        break;
      case "throttle":
        this.#throttled = message.active;
        this.#flush();
        break;
      case "transcript":
        if (message.final) this.#received.transcripts[message.track] = (this.#received.transcripts[message.track] || 0) + 1;
        break;
      case "translation":
        if (message.final && message.text && message.track != null) {
          const output = `${message.track}/${message.language}`;
          this.#received.translations[output] = (this.#received.translations[output] || 0) + 1;
        }
        break;
      case "speech":
        if (message.bytes) {
          this.#speech = message;
          return;
        }
        this.#countSamples(message, message.skipped || 0);
        break;
      case "error":
        if (message.fatal && !this.#again(message.code)) this.#over = true;
        break;
    }
    this.#on(message);
  }

  /** Whether an error goes away by itself. */
  #again = (code) => this.#token !== "" && ["draining", "unavailable", "busy", "timeout"].includes(code);

  #countSamples(header, samples) {
    if (header?.track == null) return;
    const output = `${header.track}/${header.language}`;
    this.#received.samples[output] = (this.#received.samples[output] || 0) + samples;
  }

  #started(message) {
    this.#token = message.resume?.token ?? "";
    this.#window = message.resume?.window_ms ?? 0;
    this.#tries = this.#brokenAt = 0;
    this.#throttled = false;
    this.#ready = true;
    if (message.audio_from != null) this.#rewind(message.audio_from);
    this.#on({ type: "state", state: "on" });
    this.#flush();
    if (this.#ending) this.tell({ type: "end" });
  }

  /** Go back to the first sample that the server lacks. */
  #rewind(sample) {
    let place = this.#base;
    this.#next = 0;
    while (this.#next < this.#kept.length && place + this.#kept[this.#next].byteLength / BYTES <= sample) {
      place += this.#kept[this.#next].byteLength / BYTES;
      this.#next += 1;
    }
    if (place < sample && this.#next < this.#kept.length) {
      const frame = this.#kept[this.#next];
      const cut = (sample - place) * BYTES;
      this.#kept.splice(this.#next, 1, frame.slice(0, cut), frame.slice(cut));
      this.#next += 1;
    }
  }

  #flush() {
    const socket = this.#socket;
    if (!this.#ready || this.#throttled || socket?.readyState !== WebSocket.OPEN) return;
    while (this.#next < this.#kept.length && socket.bufferedAmount < AHEAD) {
      socket.send(this.#kept[this.#next++]);
    }
  }

  #closed(code, reason) {
    this.#ready = false;
    if (this.#over || code === 1000) return this.#end(code, reason);
    this.#brokenAt ||= Date.now();
    const late = Date.now() - this.#brokenAt > this.#window;
    if (!this.#token || late) return this.#end(code, reason);
    this.#on({ type: "state", state: "lost" });
    const wait = RETRY_MS[Math.min(this.#tries++, RETRY_MS.length - 1)];
    this.#timer = setTimeout(() => this.#connect(), wait);
  }

  #end(code, reason) {
    this.#over = true;
    this.#on({ type: "state", state: "over", code, reason });
  }
}
