"""files.*: an upload in three steps."""

from bot.sandbox import wire
from bot.sandbox.content import checked_blocks
from bot.sandbox.errors import SlackError
from bot.sandbox.model import Json, StoredFile
from bot.sandbox.text import stored
from bot.sandbox.webapi.call import Call, Method, missing
from bot.sandbox.webapi.chat import check_files, target

LONGEST_ALT_TEXT = 1000


async def get_upload_url(call: Call) -> Json:
    try:
        length = int(call.text("length") or 0)
    except ValueError:
        length = 0
    if length <= 0:
        raise SlackError("missing_argument")
    alt_text = call.text("alt_txt")
    if len(alt_text) > LONGEST_ALT_TEXT:
        raise SlackError("alt_txt_too_large")
    file = StoredFile(
        id=call.world.new_id("F"),
        app=call.app.key,
        user=call.app.bot_user_id,
        name=call.need("filename"),
        length=length,
        alt_text=alt_text,
        created=int(call.core.clock.now().timestamp()),
    )
    call.world.files[file.id] = file
    return {"file_id": file.id, "upload_url": f"{call.world.base_url}/files/upload/{file.id}"}


async def complete_upload(call: Call) -> Json:
    given = call.json("files")
    if not isinstance(given, list) or not given:
        raise missing("files")
    files = [_uploaded(call, one) for one in given]
    channel = call.text("channel_id")
    message = None
    if channel:
        room = target(_sharing(call, channel))
        text = call.text("initial_comment")
        blocks = checked_blocks(call.json("blocks") or [])
        check_files(call, blocks)
        for file in files:
            file.channels.append(room.id)
        message = call.core.from_app(
            call.app,
            room.id,
            stored(text),
            blocks=blocks,
            subtype="file_share",
            thread_ts=call.text("thread_ts") or None,
            files=[wire.file(call.world, file) for file in files],
        )
    for file in files:
        file.completed = True
    if message is not None:
        call.core.post(message)
    return {"files": [wire.file(call.world, file) for file in files]}


def _sharing(call: Call, channel: str) -> Call:
    return Call(core=call.core, app=call.app, arguments={"channel": channel})


def _uploaded(call: Call, one: Json) -> StoredFile:
    file = call.world.files.get(str(one.get("id")))
    if file is None or file.app != call.app.key or not file.uploaded:
        raise SlackError("file_not_found")
    file.title = str(one.get("title") or file.name)
    return file


async def info(call: Call) -> Json:
    file = call.world.files.get(call.need("file"))
    if file is None or not file.completed:
        raise SlackError("file_not_found")
    return {"file": wire.file(call.world, file), "comments": [], "response_metadata": {}}


METHODS = {
    "files.getUploadURLExternal": Method(run=get_upload_url, scopes=("files:write",)),
    "files.completeUploadExternal": Method(run=complete_upload, scopes=("files:write",)),
    "files.info": Method(run=info, scopes=("files:read",)),
}
