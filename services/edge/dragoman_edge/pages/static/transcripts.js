// A conversation as a file: text, subtitles or JSON.

const pad = (value, digits = 2) => String(Math.floor(value)).padStart(digits, "0");

function clock(ms, mark) {
  const seconds = ms / 1000;
  return `${pad(seconds / 3600)}:${pad((seconds / 60) % 60)}:${pad(seconds % 60)}${mark}${pad(ms % 1000, 3)}`;
}

/** A cue's text ends at an empty line. */
const unbroken = (text) => text.replace(/\s*\n\s*/g, " ");
const escaped = (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;"); // WebVTT has tags

function cues(lines, mark, of = unbroken) {
  return lines.map((line, index) => {
    const end = line.end_ms ?? lines[index + 1]?.start_ms ?? line.start_ms + 3000;
    return `${clock(line.start_ms, mark)} --> ${clock(Math.max(end, line.start_ms + 500), mark)}\n${of(line.text)}\n`;
  });
}

/**
 * Write lines of `{start_ms, end_ms?, text, original?, language}` in a format.
 * @param {"txt"|"srt"|"vtt"|"json"} format
 * @returns {{type: string, text: string}}
 */
export function written(lines, format) {
  switch (format) {
    case "srt":
      return { type: "application/x-subrip", text: cues(lines, ",").map((cue, n) => `${n + 1}\n${cue}`).join("\n") };
    case "vtt":
      return { type: "text/vtt", text: `WEBVTT\n\n${cues(lines, ".", (text) => escaped(unbroken(text))).join("\n")}` };
    case "json":
      return { type: "application/json", text: JSON.stringify(lines, null, 1) };
    default:
      return { type: "text/plain", text: lines.map((line) => line.text).join("\n") + "\n" };
  }
}
