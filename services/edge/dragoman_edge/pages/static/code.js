// What was just done, as code that does it again.

/** @param {"python"|"javascript"|"shell"} language */
export function code(language, origin, wish) {
  const url = origin.replace(/^http/, "ws") + "/v1/stream";
  const start = JSON.stringify({ type: "start", ...wish });
  if (language === "shell") {
    const from = Array.isArray(wish.spoken) ? wish.spoken[0] : wish.spoken;
    const to = wish.to.filter((target) => target !== from).map((target) => `--to ${target}`).join(" ");
    return `export DRAGOMAN_URL=${origin}\nexport DRAGOMAN_KEY=...\ndragoman translate talk.wav --from ${from} ${to || "--to …"}\n`;
  }
  if (language === "javascript") {
    return `const socket = new WebSocket(${JSON.stringify(url)});
socket.binaryType = "arraybuffer";
socket.onopen = () => socket.send(JSON.stringify({ ...${start}, key: KEY }));
socket.onmessage = ({ data }) => {
  if (typeof data !== "string") return play(data); // 16 kHz, signed 16 bit, of the "speech" message before
  const message = JSON.parse(data);
  if (message.type === "started") sendAudio(socket); // 16 kHz, signed 16 bit, as binary messages
  if (message.type === "translation") console.log(message.final, message.text);
};
`;
  }
  const literal = start.replace(/\btrue\b/g, "True").replace(/\bfalse\b/g, "False").replace(/\bnull\b/g, "None");
  return `import asyncio, json, os
from websockets.asyncio.client import connect

START = ${literal}

async def main():
    headers = {"Authorization": "Bearer " + os.environ["DRAGOMAN_KEY"]}
    async with connect(${JSON.stringify(url)}, additional_headers=headers, max_size=None) as socket:
        await socket.send(json.dumps(START))
        async def speak():
            with open("talk.pcm", "rb") as audio:  # 16 kHz, signed 16 bit, mono
                while frame := audio.read(3200):
                    await socket.send(frame)
                    await asyncio.sleep(0.1)
            await socket.send(json.dumps({"type": "end"}))
        speaking = asyncio.create_task(speak())
        async for message in socket:
            if isinstance(message, str) and json.loads(message)["type"] == "translation":
                print(json.loads(message)["text"])

asyncio.run(main())
`;
}
