"""`yong documents`: verifying what is kept, packages, and signatures."""

import asyncio
from pathlib import Path

from yong.kernel.access.api import system_caller
from yong.kernel.access.contracts import Caller
from yong.kernel.base.city import City
from yong.kernel.documents import api, package
from yong.kernel.documents.contracts import BlobReport, PackageReport, SignatureReport


async def verify(city: City, _: Caller) -> BlobReport:
    """Read every byte of all content."""
    return await api.check(city, system_caller("documents"))


async def signatures(city: City, _: Caller, file: Path) -> SignatureReport:
    """Verify the signatures of a PDF."""
    return await api.verify(city, system_caller("documents"), await asyncio.to_thread(file.read_bytes))


def checked(file: Path) -> PackageReport:
    """Verify a package; no install is needed for that."""
    return package.check(file)
