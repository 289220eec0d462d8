"""Formulas run in threads, so that a slow one does not keep the server from answering others."""

import asyncio
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any


class Workers:
    """At most ``most`` pieces of work at a time, each waited for at most ``seconds``."""

    def __init__(self, most: int, seconds: float) -> None:
        self._free = asyncio.Semaphore(most)
        self._seconds = seconds

    async def each(self, function: Callable[[Any], Any], items: Sequence[Any]) -> list[Any]:
        """``function`` of each item. Raises TimeoutError; the items not begun by then are left out.

        Python cannot stop a thread: the one that is late keeps its place until it is done. Threads
        are daemons, which concurrent.futures' are not, so a late one does not hold up the exit.
        """
        async with asyncio.timeout(self._seconds):
            await self._free.acquire()
            loop = asyncio.get_running_loop()
            future: asyncio.Future[list[Any]] = loop.create_future()

            def settle(results: list[Any], error: BaseException | None) -> None:
                self._free.release()
                if future.cancelled():
                    return
                if error is None:
                    future.set_result(results)
                else:
                    future.set_exception(error)

            def work() -> None:
                results, failure = [], None
                try:
                    for item in items:
                        if future.cancelled():
                            break
                        results.append(function(item))
                except BaseException as error:
                    failure = error
                with suppress(RuntimeError):  # the loop is closed: the server has stopped
                    loop.call_soon_threadsafe(settle, results, failure)

            threading.Thread(target=work, daemon=True, name="ringfence-formulas").start()
            return await future
