#!/usr/bin/env python3
"""A Backblaze B2 server for tests: its native API, versions 1 to 4, over TLS, kept in a folder.

Keys have capabilities, and a key made for a bucket reaches nothing else, as at Backblaze, so that a key
which lacks a right fails where it would fail there.

usage: fake_b2.py --data FOLDER --certificate FILE --private-key FILE [--key ID:SECRET] [--log FILE]
"""
import argparse
import base64
import hashlib
import json
import os
import re
import secrets
import socket
import ssl
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, quote, unquote_plus, urlsplit

URL = "https://api.backblazeb2.com"
ACCOUNT = "0123456789ab"

# What the master key of an account may do.
CAPABILITIES = """
bypassGovernance deleteBuckets deleteFiles deleteKeys listAllBucketNames listBuckets listFiles listKeys
readBucketEncryption readBucketNotifications readBucketReplications readBucketRetentions readBuckets
readFileLegalHolds readFileRetentions readFiles shareFiles writeBucketEncryption
writeBucketNotifications writeBucketReplications writeBucketRetentions writeBuckets
writeFileLegalHolds writeFileRetentions writeFiles writeKeys
""".split()

# What a call needs; a call that is not here is not in this server.
NEEDED = {
    "b2_create_bucket": "writeBuckets",
    "b2_create_key": "writeKeys",
    "b2_delete_bucket": "deleteBuckets",
    "b2_delete_file_version": "deleteFiles",
    "b2_delete_key": "deleteKeys",
    "b2_download_file_by_id": "readFiles",
    "b2_get_file_info": "readFiles",
    "b2_get_upload_url": "writeFiles",
    "b2_hide_file": "writeFiles",
    "b2_list_buckets": "listBuckets",
    "b2_list_file_names": "listFiles",
    "b2_list_file_versions": "listFiles",
    "b2_list_keys": "listKeys",
    "b2_update_bucket": "writeBuckets",
}


class Refusal(Exception):
    def __init__(self, status, code, message=""):
        super().__init__(code)
        self.status, self.code, self.message = status, code, message or code


class Store:
    """Buckets, keys and versions of files; a journal of additions lets it survive a kill."""

    def __init__(self, folder):
        self.folder = folder
        os.makedirs(os.path.join(folder, "contents"), exist_ok=True)
        self.lock = threading.RLock()
        self.buckets, self.files, self.keys = {}, {}, {}
        self.count = self.last = 0
        self.journal = os.path.join(folder, "journal")
        if os.path.exists(self.journal):
            with open(self.journal, encoding="utf-8") as file:
                for line in file:
                    self.apply(*json.loads(line))

    def apply(self, kind, name, value):
        table = getattr(self, kind)
        if value is None:
            table.pop(name, None)
        else:
            table[name] = value
        self.count += 1

    def put(self, kind, name, value):
        with open(self.journal, "a", encoding="utf-8") as file:
            file.write(json.dumps([kind, name, value]) + "\n")
        self.apply(kind, name, value)

    def content(self, file_id):
        return os.path.join(self.folder, "contents", file_id)

    def new_id(self):
        return f"4_z{self.count:024x}_f{secrets.token_hex(8)}"

    def now(self):
        """Milliseconds, never twice the same: they order a file's versions."""
        self.last = max(self.last + 1, int(time.time() * 1000))
        return self.last

    def versions(self, bucket):
        """By name, and the newest first within a name."""
        found = (file for file in self.files.values() if file["bucketId"] == bucket)
        return sorted(found, key=lambda file: (file["fileName"].encode(), -file["uploadTimestamp"]))

    def bucket(self, attribute, value):
        for bucket in self.buckets.values():
            if bucket[attribute] == value:
                return bucket
        raise Refusal(400, "bad_bucket_id", f"Bucket {value} does not exist")


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # An answer is one packet: two would wait for each other (Nagle's algorithm and delayed acknowledgements).
    wbufsize = -1
    disable_nagle_algorithm = True

    def log_message(self, *_):
        pass

    # -- requests
    def answer_any(self):
        try:
            length = self.headers.get("Content-Length")
            data = self.rfile.read(int(length)) if length else b""
            url = urlsplit(self.path)
            if url.path.startswith("/file/"):
                return self.download_by_name(url)
            match = re.fullmatch(r"/b2api/v([1-4])/(b2_\w+)(?:/(.*))?", url.path)
            if not match:
                raise Refusal(400, "bad_request", "unknown path " + url.path)
            version, call, rest = int(match[1]), match[2], match[3]
            if call == "b2_authorize_account":
                return self.authorize(version)
            if call == "b2_upload_file":
                return self.upload(rest, data)
            query = {name: values[0] for name, values in parse_qs(url.query).items()}
            request = json.loads(data) if data else query
            key = self.allow(call, request)
            with self.server.store.lock:
                answer = getattr(self, call)(request, key, version)
                if answer is not None:
                    self.send_json(answer)
        except Refusal as refusal:
            self.send_json(
                {"status": refusal.status, "code": refusal.code, "message": refusal.message}, refusal.status
            )
        except (KeyError, ValueError) as error:
            self.send_json({"status": 400, "code": "bad_request", "message": repr(error)}, 400)

    do_GET = do_POST = do_HEAD = answer_any

    def send(self, status, body=b"", headers=()):
        if self.server.log:
            print(self.command, self.path.split("?")[0], status, file=self.server.log, flush=True)
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def send_json(self, answer, status=200):
        self.send(status, json.dumps(answer).encode(), [("Content-Type", "application/json;charset=UTF-8")])

    # -- keys
    def authorize(self, version):
        kind, _, value = self.headers.get("Authorization", "").partition(" ")
        try:
            name, _, secret = base64.b64decode(value).decode().partition(":")
        except ValueError:
            name = secret = ""
        store = self.server.store
        key = store.keys.get(name)
        if kind != "Basic" or not key or not secrets.compare_digest(key["applicationKey"], secret):
            raise Refusal(401, "unauthorized", "The applicationKeyId and/or the applicationKey are wrong.")
        token = "4_" + secrets.token_hex(24)
        self.server.tokens[token] = name
        sizes = {"absoluteMinimumPartSize": 5_000_000, "recommendedPartSize": 100_000_000}
        urls = {"apiUrl": URL, "downloadUrl": URL, "s3ApiUrl": URL}
        bucket = store.buckets.get(key["bucketId"])
        only = {"bucketId": key["bucketId"], "bucketName": bucket and bucket["bucketName"]}
        allowed = {"namePrefix": None, "capabilities": key["capabilities"]}
        answer = {"accountId": ACCOUNT, "authorizationToken": token}
        if version >= 4:
            allowed["buckets"] = [{"id": only["bucketId"], "name": only["bucketName"]}] if bucket else None
            storage = {**urls, **sizes, "allowed": allowed, "infoType": "storageApi"}
        elif version == 3:
            storage = {**urls, **sizes, **only, **allowed, "infoType": "storageApi"}
        if version >= 3:
            answer.update(apiInfo={"storageApi": storage}, applicationKeyExpirationTimestamp=None)
        else:
            answer.update(urls, **sizes, allowed={**only, **allowed}, minimumPartSize=100_000_000)
        self.send_json(answer)

    def token(self):
        key = self.server.store.keys.get(self.server.tokens.get(self.headers.get("Authorization", "")))
        if not key:
            raise Refusal(401, "bad_auth_token", "Invalid authorization token")
        return key

    def allow(self, call, request):
        key = self.token()
        if call not in NEEDED:
            raise Refusal(400, "bad_request", "not in this server: " + call)
        if NEEDED[call] not in key["capabilities"]:
            raise Refusal(401, "unauthorized", "unauthorized: the key lacks " + NEEDED[call])
        if key["bucketId"]:
            own = self.server.store.bucket("bucketId", key["bucketId"])
            named = request.get("bucketId"), request.get("bucketName")
            if any(named) and own["bucketId"] not in named and own["bucketName"] not in named:
                raise Refusal(401, "unauthorized", "unauthorized: the key is for another bucket")
            if call == "b2_list_buckets" and not any(named) and "listAllBucketNames" not in key["capabilities"]:
                raise Refusal(401, "unauthorized", "unauthorized: the key is for one bucket")
        return key

    @staticmethod
    def shown(key, version):
        shown = {name: value for name, value in key.items() if name not in ("applicationKey", "bucketId")}
        if version >= 4:
            return {**shown, "bucketIds": [key["bucketId"]] if key["bucketId"] else None}
        return {**shown, "bucketId": key["bucketId"]}

    def b2_create_key(self, request, key, version):
        unknown = set(request["capabilities"]) - set(CAPABILITIES)
        if unknown:
            raise Refusal(400, "bad_request", f"unknown capabilities: {', '.join(sorted(unknown))}")
        bucket = request.get("bucketId") or (request.get("bucketIds") or [None])[0]
        if bucket:
            self.server.store.bucket("bucketId", bucket)
        new = {
            "accountId": ACCOUNT, "applicationKeyId": "005" + secrets.token_hex(11),
            "applicationKey": "K005" + secrets.token_urlsafe(20), "bucketId": bucket,
            "capabilities": request["capabilities"], "expirationTimestamp": None,
            "keyName": request["keyName"], "namePrefix": request.get("namePrefix"), "options": ["s3"],
        }
        self.server.store.put("keys", new["applicationKeyId"], new)
        return {**self.shown(new, version), "applicationKey": new["applicationKey"]}

    def b2_list_keys(self, request, key, version):
        keys = self.server.store.keys.values()
        return {"keys": [self.shown(each, version) for each in keys], "nextApplicationKeyId": None}

    def b2_delete_key(self, request, key, version):
        gone = self.server.store.keys[request["applicationKeyId"]]
        self.server.store.put("keys", gone["applicationKeyId"], None)
        return self.shown(gone, version)

    # -- buckets
    def b2_list_buckets(self, request, key, version):
        buckets = [
            bucket for bucket in self.server.store.buckets.values()
            if request.get("bucketName") in (None, bucket["bucketName"])
            and request.get("bucketId") in (None, bucket["bucketId"])
        ]
        return {"buckets": buckets}

    def b2_create_bucket(self, request, key, version):
        store = self.server.store
        name = request["bucketName"]
        if not re.fullmatch("[A-Za-z0-9-]{6,63}", name):
            raise Refusal(400, "bad_request", "Invalid bucketName: " + name)
        if any(bucket["bucketName"] == name for bucket in store.buckets.values()):
            raise Refusal(400, "duplicate_bucket_name", "Bucket name is already in use.")
        file_lock = {"defaultRetention": {"mode": None, "period": None}, "isFileLockEnabled": False}
        unset = {"isClientAuthorizedToRead": True, "value": None}
        bucket = {
            "accountId": ACCOUNT, "bucketId": secrets.token_hex(12), "bucketInfo": request.get("bucketInfo") or {},
            "bucketName": name, "bucketType": request["bucketType"], "corsRules": request.get("corsRules") or [],
            "defaultServerSideEncryption": {**unset, "value": {"algorithm": None, "mode": None}},
            "fileLockConfiguration": {**unset, "value": file_lock},
            "lifecycleRules": request.get("lifecycleRules") or [], "options": [],
            "replicationConfiguration": unset, "revision": 1,
        }
        store.put("buckets", bucket["bucketId"], bucket)
        return bucket

    def b2_update_bucket(self, request, key, version):
        bucket = dict(self.server.store.bucket("bucketId", request["bucketId"]))
        for name in ("bucketType", "bucketInfo", "corsRules", "lifecycleRules"):
            if request.get(name) is not None:
                bucket[name] = request[name]
        bucket["revision"] += 1
        self.server.store.put("buckets", bucket["bucketId"], bucket)
        return bucket

    def b2_delete_bucket(self, request, key, version):
        store = self.server.store
        bucket = store.bucket("bucketId", request["bucketId"])
        if store.versions(bucket["bucketId"]):
            raise Refusal(400, "cannot_delete_non_empty_bucket")
        store.put("buckets", bucket["bucketId"], None)
        return bucket

    # -- files
    def file(self, file_id):
        file = self.server.store.files.get(file_id)
        if not file:
            raise Refusal(404, "file_not_present", f"no file {file_id}")
        return file

    def b2_get_upload_url(self, request, key, version):
        bucket = self.server.store.bucket("bucketId", request["bucketId"])["bucketId"]
        token = "4_up_" + secrets.token_hex(16)
        self.server.uploads[token] = bucket
        url = f"{URL}/b2api/v2/b2_upload_file/{bucket}"
        return {"bucketId": bucket, "uploadUrl": url, "authorizationToken": token}

    def upload(self, bucket, data):
        if self.server.uploads.get(self.headers.get("Authorization", "")) != bucket:
            raise Refusal(401, "bad_auth_token", "unknown upload token")
        wanted = self.headers.get("X-Bz-Content-Sha1", "")
        if wanted == "hex_digits_at_end":
            data, wanted = data[:-40], data[-40:].decode()
        sha1 = hashlib.sha1(data).hexdigest()
        if wanted not in ("do_not_verify", "unverified:" + sha1, sha1):
            raise Refusal(400, "bad_request", "Sha1 did not match data received")
        name = unquote_plus(self.headers["X-Bz-File-Name"])
        kind = self.headers.get("Content-Type", "").replace("b2/x-auto", "application/octet-stream")
        info = {
            name[10:].lower(): unquote_plus(value)
            for name, value in self.headers.items() if name.lower().startswith("x-bz-info-")
        }
        with self.server.store.lock:
            file_id = self.server.store.new_id()
            with open(self.server.store.content(file_id), "wb") as file:
                file.write(data)
            self.send_json(self.add(file_id, bucket, name, len(data), sha1, kind, info))

    def add(self, file_id, bucket, name, size, sha1, kind, info, action="upload"):
        file = {
            "accountId": ACCOUNT, "action": action, "bucketId": bucket, "contentLength": size,
            "contentSha1": sha1, "contentType": kind, "fileId": file_id, "fileInfo": info,
            "fileName": name, "size": size, "uploadTimestamp": self.server.store.now(),
        }
        self.server.store.put("files", file_id, file)
        return file

    def b2_hide_file(self, request, key, version):
        store = self.server.store
        bucket = store.bucket("bucketId", request["bucketId"])["bucketId"]
        if not any(file["fileName"] == request["fileName"] for file in store.versions(bucket)):
            raise Refusal(400, "no_such_file", request["fileName"])
        kind = "application/x-bz-hide-marker"
        return self.add(store.new_id(), bucket, request["fileName"], 0, None, kind, {}, "hide")

    def b2_delete_file_version(self, request, key, version):
        file = self.file(request["fileId"])
        if file["fileName"] != request["fileName"]:
            raise Refusal(400, "file_not_present")
        self.server.store.put("files", file["fileId"], None)
        if os.path.exists(self.server.store.content(file["fileId"])):
            os.unlink(self.server.store.content(file["fileId"]))
        return {"fileId": file["fileId"], "fileName": file["fileName"]}

    def b2_get_file_info(self, request, key, version):
        return self.file(request["fileId"])

    @staticmethod
    def page(request, files):
        """A page of a listing, and the file that the next one begins with."""
        prefix, delimiter = request.get("prefix") or "", request.get("delimiter") or ""
        limit = min(int(request.get("maxFileCount") or 100), 10000)
        page, seen = [], None
        for file in files:
            name = file["fileName"]
            if not name.startswith(prefix):
                continue
            if delimiter and delimiter in name[len(prefix):]:
                folder = name[:name.index(delimiter, len(prefix)) + len(delimiter)]
                if folder == seen:
                    continue
                seen = folder
                file = {
                    **file, "action": "folder", "fileName": folder, "fileId": None, "contentLength": 0,
                    "size": 0, "contentSha1": None, "contentType": None, "fileInfo": {}, "uploadTimestamp": 0,
                }
            if len(page) == limit:
                return page, file
            page.append(file)
        return page, {"fileName": None, "fileId": None}

    def b2_list_file_names(self, request, key, version):
        store = self.server.store
        start, newest, last = (request.get("startFileName") or "").encode(), [], None
        for file in store.versions(store.bucket("bucketId", request["bucketId"])["bucketId"]):
            if file["fileName"] != last and file["action"] == "upload" and file["fileName"].encode() >= start:
                newest.append(file)
            last = file["fileName"]
        page, following = self.page(request, newest)
        return {"files": page, "nextFileName": following["fileName"]}

    def b2_list_file_versions(self, request, key, version):
        store = self.server.store
        start, first = (request.get("startFileName") or "").encode(), store.files.get(request.get("startFileId"))
        files = [
            file for file in store.versions(store.bucket("bucketId", request["bucketId"])["bucketId"])
            if file["fileName"].encode() > start or file["fileName"].encode() == start
            and (not first or file["uploadTimestamp"] <= first["uploadTimestamp"])
        ]
        page, following = self.page(request, files)
        return {"files": page, "nextFileName": following["fileName"], "nextFileId": following["fileId"]}

    # -- downloads
    def download_by_name(self, url):
        key = self.token()
        if "readFiles" not in key["capabilities"]:
            raise Refusal(401, "unauthorized", "unauthorized: the key lacks readFiles")
        _, _, bucket, name = url.path.split("/", 3)
        store, name = self.server.store, unquote_plus(name)
        with store.lock:
            for file in store.versions(store.bucket("bucketName", bucket)["bucketId"]):
                if file["fileName"] == name:
                    if file["action"] == "upload":
                        return self.send_file(file)
                    break
        raise Refusal(404, "not_found", "no file " + name)

    def b2_download_file_by_id(self, request, key, version):
        self.send_file(self.file(request["fileId"]))

    def send_file(self, file):
        with open(self.server.store.content(file["fileId"]), "rb") as content:
            data = content.read()
        headers = [
            ("Content-Type", file["contentType"]), ("X-Bz-File-Id", file["fileId"]),
            ("X-Bz-File-Name", quote(file["fileName"])), ("X-Bz-Content-Sha1", file["contentSha1"]),
            ("X-Bz-Upload-Timestamp", str(file["uploadTimestamp"])), ("Accept-Ranges", "bytes"),
        ]
        headers += [("X-Bz-Info-" + name, quote(value)) for name, value in file["fileInfo"].items()]
        status, match = 200, re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
        if match:
            first, last = int(match[1]), min(int(match[2] or len(data) - 1), len(data) - 1)
            if first >= len(data):
                raise Refusal(416, "range_not_satisfiable")
            headers.append(("Content-Range", f"bytes {first}-{last}/{len(data)}"))
            status, data = 206, data[first:last + 1]
        self.send(status, data, headers)


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", required=True)
    parser.add_argument("--certificate", required=True)
    parser.add_argument("--private-key", required=True)
    parser.add_argument("--key", default="", help="the master key, ID:SECRET")
    parser.add_argument("--log")
    arguments = parser.parse_args()
    server = Server(("127.0.0.1", 443), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(arguments.certificate, arguments.private_key)
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    server.store, server.tokens, server.uploads = Store(arguments.data), {}, {}
    server.log = open(arguments.log, "a", encoding="utf-8") if arguments.log else None
    name, _, secret = arguments.key.partition(":")
    if name not in server.store.keys and secret:
        master = {
            "accountId": ACCOUNT, "applicationKeyId": name, "applicationKey": secret, "bucketId": None,
            "capabilities": CAPABILITIES, "expirationTimestamp": None, "keyName": "master", "namePrefix": None,
        }
        server.store.put("keys", name, master)
    if os.environ.get("NOTIFY_SOCKET"):
        address = os.environ["NOTIFY_SOCKET"]
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
            manager.connect("\0" + address[1:] if address[0] == "@" else address)
            manager.send(b"READY=1")
    server.serve_forever()


if __name__ == "__main__":
    main()
