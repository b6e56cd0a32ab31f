"""The command of `helm test` from outside: by a public name, through a proxy that ends TLS."""

import asyncio
import datetime
import os
import ssl
import sys
import wave
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from dragoman_cli.audio_source import BYTES_PER_S
from dragoman_tts.demo import say
from tests.chart.conftest import pods, render
from tests.mesh.conftest import Mesh

SPOKEN = "Good morning, and welcome to the house of the interpreters."
WAIT_S = 180.0


def certified(folder: Path) -> tuple[Path, Path]:
    """A certificate of localhost, which is its own authority, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    encoding = serialization.Encoding.PEM
    kept = key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "public.pem").write_bytes(made.public_bytes(encoding))
    (folder / "private.pem").write_bytes(kept)
    return folder / "public.pem", folder / "private.pem"


@asynccontextmanager
async def behind_tls(edge: str, certificate: Path, key: Path) -> AsyncIterator[str]:
    """The edge's public address while a proxy ends TLS in front of it."""
    host, _, port = edge.rpartition("/")[2].rpartition(":")

    async def copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
        writer.close()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, here = await asyncio.open_connection(host, int(port))
        await asyncio.gather(copy(reader, here), copy(there, writer), return_exceptions=True)

    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    server = await asyncio.start_server(serve, "localhost", 0, ssl=context)
    try:
        yield f"https://localhost:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()


async def probed(url: str, mesh: Mesh, speech: Path, word: str, **more: str) -> tuple[int, str]:
    """The exit status of the chart's own command, with a recording and a word of ours, and what it said."""
    (pod,) = (pod for name, pod in pods(list(render(None))).items() if name.endswith("-test"))
    python, *command = pod["spec"]["containers"][0]["command"]
    assert python == "python" and command.pop().endswith(".wav")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, *command, str(speech), word),
        env=os.environ | {"DRAGOMAN_URL": url, "DRAGOMAN_KEY": mesh.key} | more,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    async with asyncio.timeout(WAIT_S):
        said, _ = await process.communicate()
    return process.returncode or 0, said.decode()


@pytest.fixture
def speech(tmp_path: Path) -> Path:
    with wave.open(str(tmp_path / "speech.wav"), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(BYTES_PER_S // 2)
        file.writeframes(bytes(BYTES_PER_S) + say(SPOKEN, "en-us") + bytes(BYTES_PER_S))
    return tmp_path / "speech.wav"


async def test_a_mesh_is_probed_from_outside(mesh: Mesh, speech: Path, tmp_path: Path) -> None:
    certificate, key = certified(tmp_path)
    async with behind_tls(mesh.edge, certificate, key) as url:
        status, said = await probed(url, mesh, speech, "welcome", SSL_CERT_FILE=str(certificate))
        assert status == 0 and "welcome" in said.lower() and "s of translated speech" in said, said
        assert "the mesh works" in said  # the viewer's page was there, with what it loads
        status, said = await probed(url, mesh, speech, "welcome")
    assert status == 1, f"a certificate of an unknown authority was taken: {said}"


async def test_a_word_that_does_not_come_is_told(mesh: Mesh, speech: Path) -> None:
    status, said = await probed(mesh.edge, mesh, speech, "elephants")
    assert status == 1 and "elephants" in said
