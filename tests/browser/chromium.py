"""Find the Chromium that the browser tests drive, or install one.

``python -m tests.browser.chromium --install`` prints its path, after installing it if there is
none: Debian's package where we may install packages, Playwright's own download elsewhere.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

# JupyterLab needs no services of the browser's maker; the rest is for containers without a GPU
ARGUMENTS = [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--disable-sync",
    "--no-first-run",
]
if hasattr(os, "geteuid") and os.geteuid() == 0:
    ARGUMENTS.append("--no-sandbox")


def find() -> str | None:
    """Path of the Chromium to use: $KANWIDGET_CHROMIUM, Debian's, or Playwright's own."""
    chosen = os.environ.get("KANWIDGET_CHROMIUM")
    if chosen:
        if not shutil.which(chosen):
            raise FileNotFoundError(f"KANWIDGET_CHROMIUM={chosen} is not a program that can be run")
        return chosen
    if Path("/usr/bin/chromium").exists():
        return "/usr/bin/chromium"
    with sync_playwright() as playwright:
        bundled = playwright.chromium.executable_path
    return bundled if Path(bundled).exists() else None


def install() -> None:
    """Install Chromium from Debian's archive as root on Debian, else Playwright's own."""
    may_install_packages = hasattr(os, "geteuid") and os.geteuid() == 0
    if may_install_packages and shutil.which("apt-get") and _distribution() == "debian":
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        apt = ["apt-get", "-qq", "-o=Dpkg::Use-Pty=0"]
        subprocess.run([*apt, "update"], env=quiet, check=True)
        subprocess.run(
            [*apt, "install", "-y", "--no-install-recommends", "chromium", "fonts-liberation"],
            env=quiet,
            check=True,
            stdout=subprocess.DEVNULL,
        )
        return
    command = [sys.executable, "-m", "playwright", "install", "chromium"]
    if may_install_packages:
        command.insert(-1, "--with-deps")
    subprocess.run(command, check=True)


def _distribution() -> str:
    release = Path("/etc/os-release")
    lines = release.read_text().splitlines() if release.exists() else []
    names = [line.removeprefix("ID=").strip('"') for line in lines if line.startswith("ID=")]
    return names[0] if names else ""


def main() -> int:
    """Print the path of Chromium; with --install, install one if there is none."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--install", action="store_true", help="install one if there is none")
    wanted = parser.parse_args()
    if wanted.install and find() is None:
        print("installing Chromium for the browser tests", flush=True)
        install()
    path = find()
    print(f"Chromium: {path}" if path else "no Chromium found; make chromium installs one")
    return 0 if path else 1


if __name__ == "__main__":
    sys.exit(main())
