"""The index follows what is recorded, and is made anew whenever it is not the database's own."""

import asyncio
import shutil
import signal
import subprocess
import sys

import pytest
from tests.conftest import key_of

from yong.kernel.access.api import system_caller
from yong.kernel.base.city import City
from yong.kernel.base.errors import Unavailable
from yong.kernel.records import api as records
from yong.kernel.records.contracts import Format
from yong.kernel.search import api as search
from yong.kernel.search import indexing, store
from yong.kernel.search.index import Folder
from yong.kernel.search.sources import Sources
from yong.kernel.store.database import Database

from .sample import SYSTEM, settle, shop
from .sample import keeper as keeper_of


async def found(city: City, caller, q: str, **more) -> list[str]:
    return [h.id for h in (await search.search(city, caller, q, **more)).items]


@pytest.fixture
def anybody(callers):
    return callers("access.operator")


async def test_a_record_is_found_changed_and_gone(city, keeper, anybody) -> None:
    await shop(city, "A1", "宁波老外滩书店", note="江北区中马街道")
    await settle(keeper)
    for q in ("老外滩", "lwt", "laowaitan", "shudian", "中马", "a1", "江北 书店"):
        assert await found(city, anybody, q) == ["A1"], q
    await records.update(city, SYSTEM, "sample.shop", "A1", {"name": "天一阁茶馆"}, 1)
    await settle(keeper)
    assert await found(city, anybody, "老外滩") == []
    assert await found(city, anybody, "tyg") == ["A1"]
    await records.end(city, SYSTEM, "sample.shop", "A1", 2)
    await settle(keeper)
    assert await found(city, anybody, "天一阁") == []
    assert keeper.writer.index.searcher().num_docs == (await store.state(city[Database])).rows


async def test_what_was_imported_is_found(city, keeper, anybody) -> None:
    rows = "\n".join(f"C{n},鄞州第{n}小学" for n in range(300))
    await records.import_file(city, SYSTEM, "sample.shop", f"code,name\n{rows}\n".encode(), Format.CSV)
    await settle(keeper)
    assert (await found(city, anybody, "鄞州第7小学"))[
        0
    ] == "C7"  # the whole title before those that begin so
    assert len(await found(city, anybody, "yinzhou", limit=100)) == 100
    state = await store.state(city[Database])
    assert (state.ready, state.rebuilding, state.events) == (True, False, 0)
    assert state.rows >= 300


async def test_a_view_is_compared(city, keeper, anybody) -> None:
    await shop(city, "A1", "书店", note="南塘老街")
    await settle(keeper)
    assert await found(city, anybody, "南塘", kinds=["sample.street"]) == []
    keeper.due["sample.street"] = 0
    await keeper.turn()
    assert await found(city, anybody, "ntlj", kinds=["sample.street"]) == ["南塘老街"]
    await records.update(city, SYSTEM, "sample.shop", "A1", {"note": "鼓楼步行街"}, 1)
    keeper.due["sample.street"] = 0
    await keeper.turn()
    assert await found(city, anybody, "南塘", kinds=["sample.street"]) == []
    assert await found(city, anybody, "鼓楼", kinds=["sample.street"]) == ["鼓楼步行街"]


async def test_a_view_is_read_anew_by_a_new_process(city, keeper, anybody) -> None:
    await shop(city, "A1", "书店", note="南塘老街")
    keeper.let_go()
    again = await keeper_of(city)
    await settle(again)
    assert await found(city, anybody, "南塘", kinds=["sample.street"]) == ["南塘老街"]
    again.let_go()


async def test_entities_are_found_by_name_id_and_type(city, keeper, anybody, client) -> None:
    body = {"id": "urn:ngsi-ld:Bridge:7", "type": "Bridge", "name": {"type": "Property", "value": "灵桥"}}
    headers = await key_of(city, "context.provider")
    answer = await client.post("/ngsi-ld/v1/entities", json=body, headers=headers)
    assert answer.status_code == 201, answer.text
    await settle(keeper)
    assert await found(city, anybody, "灵桥") == [body["id"]]
    assert await found(city, anybody, "灵桥") == [body["id"]]
    assert await found(city, anybody, "bridge:7") == [body["id"]]
    changed = {"value": "新江桥"}
    answer = await client.patch(
        f"/ngsi-ld/v1/entities/{body['id']}/attrs/name", json=changed, headers=headers
    )
    assert answer.status_code == 204, answer.text
    await settle(keeper)
    assert await found(city, anybody, "灵桥") == []
    assert await found(city, anybody, "xjq") == [body["id"]]
    assert (await client.delete(f"/ngsi-ld/v1/entities/{body['id']}", headers=headers)).status_code == 204
    await settle(keeper)
    assert await found(city, anybody, "新江桥") == []


async def test_a_lost_folder_is_made_anew(city, keeper, anybody) -> None:
    await shop(city, "A1", "老外滩")
    await settle(keeper)
    shutil.rmtree(Folder(city.settings).path)
    with pytest.raises(Unavailable):
        await search.search(city, anybody, "老外滩")
    keeper.looked = 0.0
    await keeper.turn()
    assert await found(city, anybody, "老外滩") == ["A1"]


async def test_a_damaged_index_is_made_anew(city, keeper, anybody) -> None:
    await shop(city, "A1", "老外滩")
    await settle(keeper)
    folder = Folder(city.settings)
    keeper.let_go()
    (folder.path / folder.current() / "meta.json").write_text("{")
    with pytest.raises(Unavailable):
        await search.search(city, anybody, "老外滩")
    again = await keeper_of(city)
    assert again.name != keeper.name
    assert await found(city, anybody, "老外滩") == ["A1"]
    again.let_go()


async def test_other_declarations_or_another_database_make_it_anew(city, keeper) -> None:
    keeper.let_go()
    same = await keeper_of(city)
    assert same.name == keeper.name
    same.let_go()
    await city[Database].execute("UPDATE search.state SET sources = 'others'")
    other = await keeper_of(city)
    assert other.name != keeper.name
    other.let_go()
    await city[Database].execute("UPDATE search.state SET name = 'of a backup'")
    third = await keeper_of(city)
    assert third.name not in (other.name, "of a backup")
    third.let_go()
    assert [p.name for p in Folder(city.settings).path.iterdir() if p.is_dir()] == [third.name]


async def test_who_asks_gets_a_new_index_while_the_old_one_answers(city, keeper, anybody) -> None:
    await shop(city, "A1", "老外滩")
    await settle(keeper)
    before = keeper.name
    await search.rebuild(city, system_caller("search"))
    assert (await store.state(city[Database])).rebuilding
    assert await found(city, anybody, "老外滩") == ["A1"]
    keeper.looked = 0.0
    await keeper.turn()
    assert keeper.name != before
    assert not (await store.state(city[Database])).rebuilding
    assert await found(city, anybody, "老外滩") == ["A1"]


async def test_a_killed_writer_leaves_no_lock_and_loses_nothing(city, keeper, anybody) -> None:
    keeper.let_go()
    path = Folder(city.settings).path / keeper.name
    code = (
        "import sys, time; from pathlib import Path; from yong.kernel.search.index import Entry, Writer\n"
        "w = Writer(Path(sys.argv[1]), fresh=False)\n"
        "w.add([Entry('sample.shop', 'X', [('title', '老外滩')], None, None)])\n"
        "print('writing', flush=True); time.sleep(60)"
    )
    command = [sys.executable, "-c", code, str(path)]
    process = await asyncio.to_thread(subprocess.Popen, command, stdout=subprocess.PIPE)
    assert await asyncio.to_thread(process.stdout.readline) == b"writing\n"
    await shop(city, "A1", "老外滩")
    process.send_signal(signal.SIGKILL)
    process.wait()
    again = await keeper_of(city)
    assert again.name == keeper.name
    await settle(again)
    assert await found(city, anybody, "老外滩") == ["A1"]
    again.let_go()


async def test_what_failed_half_way_is_done_again(city, keeper, anybody, monkeypatch) -> None:
    await shop(city, "A1", "老外滩")

    async def fails(*_: object) -> None:
        raise OSError("No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr(store, "counted", fails)  # after the index was committed, before the position moved
        with pytest.raises(OSError, match="space"):
            await settle(keeper)
    await settle(keeper)
    assert await found(city, anybody, "老外滩") == ["A1"]
    assert keeper.writer.index.searcher().num_docs == (await store.state(city[Database])).rows


async def test_only_one_process_keeps_it(city, anybody) -> None:
    first = asyncio.create_task(indexing.keep_indexing(city))
    second = asyncio.create_task(indexing.keep_indexing(city))
    await shop(city, "A1", "老外滩")
    for _ in range(200):
        await asyncio.sleep(0.05)
        try:
            if await found(city, anybody, "老外滩"):
                break
        except Unavailable:
            continue
    assert await found(city, anybody, "老外滩") == ["A1"]
    assert not first.done()
    assert not second.done()
    for task in (first, second):
        task.cancel()
    await asyncio.gather(first, second, return_exceptions=True)


def test_without_declaration_names_and_codes_are_found_and_persons_never(city) -> None:
    of = Sources(city.registry).by_name
    declared = of["sample.shop"].declared
    assert declared.title == ("name", "name_en")
    assert declared.codes == ("code",)
    assert declared.text == ("note", "reserve")
    assert "keeper" not in dict(of["sample.shop"].fields)
    assert of["geo.boundary"].declared.codes == ("code",)
    assert "history.observation_of" not in of
    assert "environment.station_now" not in of
    assert "context.tenant_entity_now" not in of
