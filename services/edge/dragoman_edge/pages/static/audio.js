// Microphone, files and loudspeaker of the browser, all as 16 kHz signed 16 bit samples.

export const RATE = 16000;
export const FRAME = RATE / 50;

const worklet = (name) => new URL(name, import.meta.url);

/** The microphones; their names are known once one was allowed. */
export async function microphones() {
  const devices = await navigator.mediaDevices.enumerateDevices();
  return devices.filter((device) => device.kind === "audioinput");
}

/** Ask for a microphone; one that is not there any more is replaced by the default. */
async function asked(deviceId, aloud) {
  const wanted = { channelCount: 1, echoCancellation: aloud, noiseSuppression: false, autoGainControl: true };
  const chosen = deviceId ? { ...wanted, deviceId: { exact: deviceId } } : wanted;
  try {
    return await navigator.mediaDevices.getUserMedia({ audio: chosen });
  } catch (error) {
    if (error.name !== "OverconstrainedError") throw error;
    return navigator.mediaDevices.getUserMedia({ audio: wanted });
  }
}

/**
 * Open a microphone. When it is taken away, the default one takes its place.
 * @param {string} deviceId empty = the default
 * @param {boolean} aloud speech is played on loudspeakers: cancel its echo
 * @param {(frame: ArrayBuffer, level: number) => void} onFrame 20 ms each; level 0 to 1
 * @param {(error: DOMException) => void} onGone it was taken away, and there is no other
 * @returns {Promise<{stop: () => void}>}
 * @throws DOMException: NotAllowedError, NotFoundError
 */
export async function openMicrophone(deviceId, aloud, onFrame, onGone) {
  let stream = await asked(deviceId, aloud);
  const context = new AudioContext();
  await context.audioWorklet.addModule(worklet("capture-worklet.js"));
  const capture = new AudioWorkletNode(context, "capture", { numberOfOutputs: 0 });
  capture.port.onmessage = ({ data }) => onFrame(data.pcm, data.level);
  const hear = () => {
    const source = context.createMediaStreamSource(stream);
    source.connect(capture);
    stream.getAudioTracks()[0].onended = () => (source.disconnect(), replace());
  };
  const replace = async () => {
    try {
      stream = await asked("", aloud);
      hear();
    } catch (error) {
      onGone(error);
    }
  };
  hear();
  await context.resume();
  return {
    stop() {
      stream.getTracks().forEach((track) => track.stop());
      context.close();
    },
  };
}

/**
 * Play a file into `onFrame` as if it were spoken now.
 * @throws DOMException: the file holds no sound that the browser knows.
 */
export async function openFile(file, onFrame, onEnd) {
  const coded = await file.arrayBuffer();
  const decoded = await new OfflineAudioContext(1, 1, RATE).decodeAudioData(coded);
  const offline = new OfflineAudioContext(1, Math.max(1, Math.ceil(decoded.duration * RATE)), RATE);
  const source = offline.createBufferSource();
  source.buffer = decoded;
  source.connect(offline.destination);
  source.start();
  const samples = (await offline.startRendering()).getChannelData(0);
  const begun = performance.now();
  let place = 0;
  const timer = setInterval(() => {
    const due = ((performance.now() - begun) / 1000) * RATE;
    while (place < samples.length && place + FRAME <= due + FRAME) {
      const part = samples.subarray(place, place + FRAME);
      const pcm = new Int16Array(part.length);
      let level = 0;
      part.forEach((value, index) => {
        pcm[index] = Math.max(-1, Math.min(1, value)) * 32767;
        level = Math.max(level, Math.abs(value));
      });
      onFrame(pcm.buffer, level);
      place += FRAME;
    }
    if (place >= samples.length) {
      clearInterval(timer);
      onEnd();
    }
  }, 20);
  return { stop: () => clearInterval(timer) };
}

/** Plays chunks of speech one after another. */
export class Loudspeaker {
  #node = null;
  #context = null;

  /** Must follow a click: browsers play nothing before. */
  async open() {
    if (this.#context) return;
    this.#context = new AudioContext();
    await this.#context.audioWorklet.addModule(worklet("player-worklet.js"));
    this.#node = new AudioWorkletNode(this.#context, "player", { numberOfInputs: 0, outputChannelCount: [1] });
    this.#node.connect(this.#context.destination);
    await this.#context.resume();
  }

  /** Add a chunk; `whole` = nothing follows at once. */
  play(buffer, whole) {
    const samples = new Int16Array(buffer);
    this.#node?.port.postMessage({ samples, whole }, [samples.buffer]);
  }

  /** Forget what waits. */
  clear() {
    this.#node?.port.postMessage({ clear: true });
  }

  /** The output as a stream, for tests and recordings. */
  get stream() {
    const destination = this.#context.createMediaStreamDestination();
    this.#node.connect(destination);
    return destination.stream;
  }
}
