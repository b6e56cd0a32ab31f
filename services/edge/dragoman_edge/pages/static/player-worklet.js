// Plays 16 kHz samples in order, after a short lead so that late chunks leave no gap.

const RATE = 16000;
const LEAD = RATE * 0.08;

class Player extends AudioWorkletProcessor {
  constructor() {
    super();
    this.chunks = [];
    this.held = 0; // samples that wait
    this.at = 0; // place in the first chunk, in samples of 16 kHz
    this.playing = false;
    this.port.onmessage = ({ data }) => {
      if (data.clear) {
        this.chunks = [];
        this.held = this.at = 0;
        this.playing = false;
      } else {
        this.chunks.push(data.samples);
        this.held += data.samples.length;
        this.whole = data.whole;
      }
    };
  }

  process(_, [output]) {
    const channel = output[0];
    if (!this.playing && (this.held >= LEAD || (this.held && this.whole))) this.playing = true;
    for (let index = 0; index < channel.length && this.playing; index++) {
      channel[index] = this.next();
    }
    return true;
  }

  next() {
    const chunk = this.chunks[0];
    if (!chunk) {
      this.playing = false;
      return 0;
    }
    const low = Math.floor(this.at);
    const following = low + 1 < chunk.length ? chunk[low + 1] : (this.chunks[1]?.[0] ?? chunk[low]);
    const value = (chunk[low] + (following - chunk[low]) * (this.at - low)) / 32768;
    this.at += RATE / sampleRate;
    if (this.at >= chunk.length) {
      this.at -= chunk.length;
      this.held -= chunk.length;
      this.chunks.shift();
    }
    return value;
  }
}

registerProcessor("player", Player);
