// Takes the microphone at the device's rate, resamples it to 16 kHz and hands it on in frames of 20 ms.

const RATE = 16000;
const FRAME = RATE / 50;
const HALF = 16; // taps on each side of the filter

class Capture extends AudioWorkletProcessor {
  constructor() {
    super();
    this.step = sampleRate / RATE;
    this.cutoff = Math.min(1, RATE / sampleRate) * 0.92;
    this.reach = Math.ceil(HALF / Math.min(1, RATE / sampleRate));
    this.held = new Float32Array(0);
    this.at = this.reach; // where the next output sample lies in `held`
    this.frame = new Int16Array(FRAME);
    this.filled = 0;
    this.loudest = 0;
  }

  process([input]) {
    const channel = input[0];
    if (!channel) return true;
    const joined = new Float32Array(this.held.length + channel.length);
    joined.set(this.held);
    joined.set(channel, this.held.length);
    while (this.at + this.reach < joined.length) {
      this.put(this.filtered(joined, this.at));
      this.at += this.step;
    }
    const spent = Math.max(0, Math.floor(this.at) - this.reach);
    this.held = joined.slice(spent);
    this.at -= spent;
    return true;
  }

  /** A windowed sinc around a place between samples. */
  filtered(samples, at) {
    const centre = Math.floor(at);
    let sum = 0;
    let weight = 0;
    for (let index = Math.max(0, centre - this.reach + 1); index <= centre + this.reach; index++) {
      const distance = at - index;
      const x = Math.PI * distance * this.cutoff;
      const sinc = x === 0 ? 1 : Math.sin(x) / x;
      const tap = sinc * (0.5 + 0.5 * Math.cos((Math.PI * distance) / (this.reach + 1)));
      sum += samples[index] * tap;
      weight += tap;
    }
    return sum / weight;
  }

  put(value) {
    const bounded = Math.max(-1, Math.min(1, value));
    this.loudest = Math.max(this.loudest, Math.abs(bounded));
    this.frame[this.filled++] = Math.round(bounded * 32767);
    if (this.filled === FRAME) {
      this.port.postMessage({ pcm: this.frame.buffer, level: this.loudest }, [this.frame.buffer]);
      this.frame = new Int16Array(FRAME);
      this.filled = 0;
      this.loudest = 0;
    }
  }
}

registerProcessor("capture", Capture);
