"""`kill -9` while phones send their marks: what was acknowledged must be there afterwards. Runs inside the site.

A keeper process that has the whole site loaded forks a server for each round, so that starting one costs a millisecond
and the time goes into what is measured. Each server answers real HTTP on one socket, in threads, and is killed at a
random moment while `phones` clients post to it. A client keeps a mark until it has a receipt for it, as a phone does,
and notes what was acknowledged. At the end one server stays up until every client has nothing left.
"""

import http.client
import json
import multiprocessing
import os
import random
import signal
import socket
import socketserver
import threading
import time
import uuid
from datetime import timedelta
from importlib import import_module
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from django.conf import settings
from django.contrib.auth import login
from django.core.management import call_command
from django.db import connections
from django.http import HttpRequest

from bench.clerks import close_pools
from leerorkest.lessons.models import MarkEvent, QuarantinedMark
from leerorkest.people.rules import Role
from tests import make

CHILDREN = 24
AT_ONCE = 3  # marks in a post
LIVES = (0.03, 0.3)  # seconds, of a server
PATIENCE = 60  # seconds that the last server has to take what is left


def main(kills: str, phones: str) -> None:
    """Prints what came of it as JSON."""
    call_command("migrate", verbosity=0)
    stage = set_the_stage()
    close()
    listener = socket.create_server(("127.0.0.1", 0), backlog=512)
    ours, theirs = multiprocessing.Pipe()
    keeper = multiprocessing.get_context("fork").Process(target=keep, args=(listener, theirs, stage))
    keeper.start()
    assert ours.recv() == "ready"
    crew = [Phone(number, listener.getsockname()[1], stage) for number in range(int(phones))]
    for phone in crew:
        phone.start()
    chance, start = random.Random(9), time.monotonic()
    for _ in range(int(kills)):
        ours.send("serve")
        time.sleep(chance.uniform(*LIVES))
        ours.send("kill")
        assert ours.recv() == "killed"
    ours.send("serve")
    Phone.makes_more = False
    for phone in crew:
        phone.join(timeout=PATIENCE)
    seconds = time.monotonic() - start
    for order in ("kill", "end"):
        ours.send(order)
    keeper.join()
    print(json.dumps({"seconds": seconds, "kills": int(kills), **judged(crew)}))


def judged(crew: list["Phone"]) -> dict[str, Any]:
    stored = {str(pk): kept for pk, kept in MarkEvent.objects.values_list("id", "content_hash")}
    acknowledged = {pk: kept for phone in crew for pk, kept in phone.acknowledged.items()}
    made = sum(phone.made for phone in crew)
    faults = {
        "acknowledged and lost": sum(stored.get(pk) != kept for pk, kept in acknowledged.items()),
        "never acknowledged": made - len(acknowledged),
        "stored, and nobody made it": len(stored.keys() - acknowledged.keys()),
        "in quarantine": QuarantinedMark.objects.count(),
        "refused": sum(phone.refused for phone in crew),
    }
    return {
        "faults": {name: count for name, count in faults.items() if count},
        "marks": len(stored),
        "broken": sum(phone.broken for phone in crew),
    }


def set_the_stage() -> dict[str, Any]:
    """A teacher who is signed in, and a lesson with a full group."""
    group = make.make_group(make.make_school())
    account = make.make_account("Noor de Wit")
    teaching = make.make_teaching(make.make_posting(account, Role.TEACHER, group.school.site.organisation), group)
    children = [make.make_child(group, f"Kind{number}") for number in range(CHILDREN)]
    lesson = make.make_lesson(group, teaching=teaching)
    request = HttpRequest()
    request.session = import_module(settings.SESSION_ENGINE).SessionStore()
    login(request, account, backend=settings.AUTHENTICATION_BACKENDS[0])
    request.session.save()
    return {
        "cookie": f"{settings.SESSION_COOKIE_NAME}={request.session.session_key}",
        "lesson": str(lesson.uid),
        "children": [str(child.uid) for child in children],
    }


def close() -> None:
    connections.close_all()
    close_pools()


# --- the servers --------------------------------------------------------------------------------------------


class Server(socketserver.ThreadingMixIn, WSGIServer):
    daemon_threads = True


class Silent(WSGIRequestHandler):
    def log_message(self, *arguments: Any) -> None:
        pass


def keep(listener: socket.socket, orders: Any, stage: dict[str, Any]) -> None:
    """Fork a server when told to, kill it when told to."""
    from leerorkest.wsgi import application

    _warm(stage)
    orders.send("ready")
    pid = 0
    while (order := orders.recv()) != "end":
        if order == "serve":
            pid = os.fork()
            if not pid:
                _serve(listener, application)
        elif pid:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            orders.send("killed")


def _warm(stage: dict[str, Any]) -> None:
    """Import what a request needs, and leave no connection behind that two processes would share."""
    from django.test import Client

    client = Client(headers={"cookie": stage["cookie"]})
    client.get("/lessons/marks/", HTTP_HOST="127.0.0.1")
    close()


def _serve(listener: socket.socket, application: Any) -> None:
    server = Server(listener.getsockname(), Silent, bind_and_activate=False)
    server.socket.close()
    server.socket = listener
    server.server_name, server.server_port = "127.0.0.1", listener.getsockname()[1]
    server.setup_environ()
    server.set_app(application)
    server.serve_forever(poll_interval=0.05)
    os._exit(0)


# --- the phones ---------------------------------------------------------------------------------------------


class Phone(threading.Thread):
    """Makes marks, and sends each until it has its receipt."""

    makes_more = True

    def __init__(self, number: int, port: int, stage: dict[str, Any]) -> None:
        super().__init__(daemon=True)
        self.port, self.stage, self.chance = port, stage, random.Random(number)
        self.device, self.made, self.outbox = str(uuid.uuid4()), 0, []  # type: ignore[var-annotated]
        self.acknowledged: dict[str, str] = {}
        self.broken = self.refused = 0
        self.headers: dict[str, str] = {}

    def run(self) -> None:
        while Phone.makes_more or self.outbox:
            if Phone.makes_more and not self.outbox:
                self.outbox = [self.mark() for _ in range(AT_ONCE)]
            try:
                self.send()
            except (OSError, http.client.HTTPException, ValueError):
                self.broken += 1  # no answer, or half of one: nobody knows what became of it
                time.sleep(self.chance.uniform(0, 0.02))

    def mark(self) -> dict[str, Any]:
        self.made += 1
        return {
            "id": str(uuid.UUID(int=self.chance.getrandbits(128), version=4)),
            "device": self.device,
            "device_sequence": self.made,
            "lesson": self.stage["lesson"],
            "child": self.chance.choice(self.stage["children"]),
            "state": self.chance.choice(["present", "absent", "late"]),
            "corrects": [],
            "made_at": (make.NOW + timedelta(seconds=self.made)).isoformat(timespec="milliseconds"),
        }

    def send(self) -> None:
        if not self.headers:
            self.headers = self.signed_in()
        status, answer = self.ask("POST", {"marks": self.outbox}, self.headers)
        if status != 200:
            self.refused += status not in (500, 503)  # a server that dies, or is busy, is asked again
            raise ValueError(status)
        done = {receipt["id"]: receipt["hash"] for receipt in answer["receipts"] if receipt["stored"]}
        self.acknowledged |= done
        self.outbox = [mark for mark in self.outbox if mark["id"] not in done]

    def signed_in(self) -> dict[str, str]:
        connected = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        connected.request("GET", "/lessons/marks/", headers={"Cookie": self.stage["cookie"]})
        response = connected.getresponse()
        token = json.loads(response.read())["token"]
        cookies = [value.split(";")[0] for name, value in response.getheaders() if name.lower() == "set-cookie"]
        connected.close()
        return {
            "Cookie": "; ".join([self.stage["cookie"], *cookies]),
            "X-CSRFToken": token,
            "Content-Type": "application/json",
        }

    def ask(self, method: str, body: Any, headers: dict[str, str]) -> tuple[int, Any]:
        connected = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connected.request(method, "/lessons/marks/", json.dumps(body), headers)
            response = connected.getresponse()
            return response.status, json.loads(response.read())
        finally:
            connected.close()
