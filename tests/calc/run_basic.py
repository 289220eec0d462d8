"""Runs one function of a Basic module in a LibreOffice of its own and prints its lines.

    python run_basic.py SOFFICE PROFILE MODULE.bas FUNCTION

Runs in LibreOffice's own Python, which has `uno`. Standard library and `uno` only.
"""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import uno
from com.sun.star.beans import PropertyValue
from com.sun.star.connection import NoConnectException

ALWAYS_EXECUTE = 4  # com.sun.star.document.MacroExecMode


def desktop(pipe: str):
    resolver = uno.getComponentContext().ServiceManager.createInstance(
        "com.sun.star.bridge.UnoUrlResolver"
    )
    deadline = time.monotonic() + 60
    while True:
        try:
            context = resolver.resolve(f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext")
        except NoConnectException:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
        else:
            return context.ServiceManager.createInstance("com.sun.star.frame.Desktop")


def main() -> None:
    soffice, profile, module, function = sys.argv[1:]
    pipe = f"basic-{Path(profile).name}-{time.time_ns()}"
    where = [f"-env:UserInstallation={Path(profile).as_uri()}", f"--accept=pipe,name={pipe};urp"]
    command = [soffice, *where, "--headless", "--norestore", "--nologo"]
    office = subprocess.Popen(command, start_new_session=True)  # a script: its child is the office
    try:
        running = desktop(pipe)
        options = (
            PropertyValue("Hidden", 0, True, 0),
            PropertyValue("MacroExecutionMode", 0, ALWAYS_EXECUTE, 0),
        )
        book = running.loadComponentFromURL("private:factory/scalc", "_blank", 0, options)
        book.BasicLibraries.createLibrary("Standard")
        library = book.BasicLibraries.getByName("Standard")
        library.insertByName("Tried", Path(module).read_text("utf-8"))
        url = f"vnd.sun.star.script:Standard.Tried.{function}?language=Basic&location=document"
        print(book.getScriptProvider().getScript(url).invoke((), (), ())[0])
        book.close(True)
        running.terminate()
        office.wait(30)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(office.pid, signal.SIGKILL)


if __name__ == "__main__":
    main()
