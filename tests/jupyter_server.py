"""A lesson on a Jupyter server, opened and run as JupyterLab does: by its REST interface and a websocket.

    python3 tests/jupyter_server.py ADDRESS 08    # the first cells of lesson 08, to its first figure; ADDRESS with its token

Needs tornado, which comes with every Jupyter server.
"""

import asyncio
import json
import sys
import time
import urllib.parse
import uuid

from tornado.httpclient import AsyncHTTPClient, HTTPRequest
from tornado.websocket import websocket_connect

SILENCE = 600  # s, at most, between two messages of a kernel


async def ask(address, token, method="GET", body=None):
    text = None if body is None else json.dumps(body)
    headers = {"Authorization": f"token {token}"}
    request = HTTPRequest(address, method, headers, text, allow_nonstandard_methods=True, request_timeout=300)
    answer = await AsyncHTTPClient().fetch(request)
    return json.loads(answer.body or "null")


class Lesson:
    """A notebook with its kernel, on the server at `base`."""

    def __init__(self, base, token):
        self.base, self.token, self.seconds = f"{base}/api", token, []

    async def open(self, number, lang="en"):
        """Reads the notebook, then asks for a session with the kernel that it names."""
        listed = (await ask(f"{self.base}/contents/notebooks/{lang}", self.token))["content"]
        found = [one["path"] for one in listed if one["name"].startswith(f"{number}-") and one["type"] == "notebook"]
        if len(found) != 1:
            raise RuntimeError(f"there is no lesson {number}")
        self.path = found[0]
        self.notebook = (await ask(f"{self.base}/contents/{self.path}", self.token))["content"]
        kernel = self.notebook["metadata"]["kernelspec"]["name"]
        body = {"path": self.path, "name": self.path.rsplit("/", 1)[-1], "type": "notebook", "kernel": {"name": kernel}}
        self.session = await ask(f"{self.base}/sessions", self.token, "POST", body)
        address = f"{self.base}/kernels/{self.session['kernel']['id']}/channels".replace("http", "ws", 1)
        request = HTTPRequest(address, headers={"Authorization": f"token {self.token}"})
        self.socket = await websocket_connect(request, max_message_size=1 << 28)
        await self.request("kernel_info_request", {})

    async def request(self, kind, content):
        """Waits for the reply to a request, and until the kernel is idle; gives the reply, and what was shown meanwhile."""
        number = uuid.uuid4().hex
        header = {"msg_id": number, "session": self.session["id"], "username": "", "msg_type": kind, "version": "5.4"}
        message = {"channel": "shell", "header": header, "parent_header": {}, "metadata": {}, "content": content, "buffers": []}
        await self.socket.write_message(json.dumps(message))
        reply, shown, is_idle = None, [], False
        while reply is None or not is_idle:
            message = await asyncio.wait_for(self.socket.read_message(), SILENCE)
            if message is None:
                raise RuntimeError("the kernel's connection is closed")
            if isinstance(message, bytes):
                continue
            message = json.loads(message)
            if message["parent_header"].get("msg_id") != number:
                continue
            if message["msg_type"] == kind.replace("request", "reply"):
                reply = message["content"]
            elif message["msg_type"] == "stream":
                shown.append("text/plain")
            elif message["msg_type"] in ("display_data", "execute_result"):
                shown += message["content"]["data"]
            elif message["msg_type"] == "status":
                is_idle = message["content"]["execution_state"] == "idle"
        return reply, shown

    async def run(self, to_figure=False):
        """Runs the cells from the top, all or to the first that shows a page or a picture."""
        figures = 0
        for cell in self.notebook["cells"]:
            code = "".join(cell["source"])
            if cell["cell_type"] != "code" or not code.strip():
                continue
            begin = time.time()
            content = {"code": code, "silent": False, "store_history": True, "allow_stdin": False, "stop_on_error": True}
            reply, shown = await self.request("execute_request", content)
            self.seconds.append(time.time() - begin)
            if reply["status"] != "ok" and "raises-exception" not in cell["metadata"].get("tags", []):
                raise RuntimeError(f"a cell of {self.path} fails: {reply}\n{code}")
            figures += any(kind == "text/html" or kind.startswith("image/") for kind in shown)
            if figures and to_figure:
                return
        if not figures:
            raise RuntimeError(f"{self.path} shows no figure")

    async def close(self):
        self.socket.close()
        await ask(f"{self.base}/sessions/{self.session['id']}", self.token, "DELETE")


async def main(address, number):
    parts = urllib.parse.urlsplit(address)
    token = urllib.parse.parse_qs(parts.query).get("token", [""])[0]
    lesson = Lesson(f"{parts.scheme}://{parts.netloc}", token)
    await lesson.open(number)
    await lesson.run(to_figure=True)
    print(f"{lesson.path}: its first figure is there, in cell {len(lesson.seconds)}")
    await lesson.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
