"""A broker that lets in over TLS whom it knows, and lets them do what the catalogue's ACLs say; its certificates."""

import asyncio
import base64
import secrets
import uuid
from collections.abc import Iterable, Mapping
from pathlib import Path

import trustme
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from infra.local.kafka import Kafka, install
from infra.local.ports import free_port
from infra.local.process import run
from shared.messaging.topics.acls import Acl, commands
from shared.testing.broker import SETTINGS

MECHANISM = "SCRAM-SHA-512"


class Authority:
    """A certificate authority, in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._ca = folder, trustme.CA()
        folder.mkdir(parents=True)
        self.file = folder / "ca.pem"
        self._ca.cert_pem.write_to_path(str(self.file))

    def certify(self, name: str) -> tuple[Path, Path]:
        """A certificate of a server or client, with its chain, and its key (PKCS 8, as Kafka wants it)."""
        made, folder = self._ca.issue_cert(name, common_name=name), self._folder
        key = load_pem_private_key(made.private_key_pem.bytes(), None)
        (folder / f"{name}.key").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        (folder / f"{name}.pem").write_bytes(b"".join(each.bytes() for each in made.cert_chain_pems))
        return folder / f"{name}.pem", folder / f"{name}.key"


class SecuredKafka(Kafka):
    """On top of the plain listener, where nobody in particular is everybody's superior, one each for SASL_SSL and SSL.

    The services are told of `secure` only; `mutual` lets in whoever shows a certificate.
    """

    def __init__(self, folder: Path, authority: Authority, users: Iterable[str]) -> None:
        super().__init__(folder, log=folder / "kafka.log", settings=SETTINGS)
        self._authority, self._secure, self._mutual = authority, free_port(), free_port()
        self.passwords = {user: secrets.token_urlsafe(12) for user in users}

    @property
    def secure(self) -> str:
        """Host and port of the SASL_SSL listener."""
        return f"127.0.0.1:{self._secure}"

    @property
    def mutual(self) -> str:
        """Host and port of the SSL listener that wants a client's certificate."""
        return f"127.0.0.1:{self._mutual}"

    def client(self, user: str, **more: str) -> dict[str, str]:
        """The environment of a client that is let in as `user`."""
        return {
            "KAFKA_SECURITY_PROTOCOL": "SASL_SSL",
            "KAFKA_SSL_CAFILE": str(self._authority.file),
            "KAFKA_SASL_MECHANISM": MECHANISM,
            "KAFKA_SASL_USERNAME": user,
            "KAFKA_SASL_PASSWORD": self.passwords[user],
            **more,
        }

    def _write_properties(self) -> Path:
        path = super()._write_properties()
        found = dict(line.split("=", 1) for line in path.read_text().splitlines())
        more = f",SASL_SSL://{self.secure},SSL://{self.mutual}"
        found["listeners"] += more
        found["advertised.listeners"] += more
        found["listener.security.protocol.map"] += ",SASL_SSL:SASL_SSL,SSL:SSL"
        path.write_text("".join(f"{name}={value}\n" for name, value in (found | self._security()).items()))
        return path

    def _security(self) -> Mapping[str, str]:
        certificate, key = self._authority.certify("127.0.0.1")
        both = certificate.with_name("broker.pem")
        both.write_bytes(key.read_bytes() + certificate.read_bytes())
        return {
            "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
            "super.users": "User:ANONYMOUS",
            "sasl.enabled.mechanisms": MECHANISM,
            "listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config": (
                "org.apache.kafka.common.security.scram.ScramLoginModule required;"
            ),
            "ssl.keystore.type": "PEM",
            "ssl.keystore.location": str(both),
            "ssl.truststore.type": "PEM",
            "ssl.truststore.location": str(self._authority.file),
            "listener.name.ssl.ssl.client.auth": "required",
        }

    async def _format(self, jars: Path, written: Path) -> None:
        cluster = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        command = [*self._jvm(jars, "128m"), "kafka.tools.StorageTool", "format", f"--cluster-id={cluster}"]
        for user, password in self.passwords.items():
            command.append(f"--add-scram={MECHANISM}=[name={user},password={password}]")
        assert await run([*command, "-c", written], log=self.log) is None

    async def allow(self, wanted: Iterable[Acl]) -> None:
        """Run what `warmpath topics acls` prints."""
        gate, java = asyncio.Semaphore(2), self._jvm(install(), "64m")

        async def one(words: list[str]) -> None:
            async with gate:
                tool = [*java, "org.apache.kafka.tools.AclCommand", "--bootstrap-server", self.bootstrap, *words]
                told = await run(tool, log=self.folder / "acls.log")
                assert told is None, told

        await asyncio.gather(*map(one, commands(wanted)))
