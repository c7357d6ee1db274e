"""`workbench serve`: the app on this machine."""

from __future__ import annotations

from pathlib import Path

import click

from workbench.cli.engines import chosen_cluster, log_option
from workbench.cli.texts import help_text
from workbench.settings import load_settings


@click.command(help=help_text("serve.help"))
@log_option
@click.option("--host", default=None, help=help_text("serve.host"))
@click.option("--port", type=int, default=None, help=help_text("serve.port"))
@click.option("--workers", type=int, default=None, help=help_text("serve.workers"))
def serve(store_path: Path, host: str | None, port: int | None, workers: int | None) -> None:
    """Serve the app until stopped."""
    run(store_path, host, port, workers)


def run(store_path: Path, host: str | None, port: int | None, workers: int | None = None) -> None:
    """Serve the app of a store; the address is the first line of the log on stderr."""
    from workbench.app import serve as serve_app

    settings = load_settings(host=host, port=port, workers=workers)
    if (cluster := chosen_cluster(settings)) is not None:
        options = " ".join(f"{key}={value}" for key, value in cluster.options.items())
        settings |= {"engine": "spark", "spark_master": cluster.master, "spark_options": options}
        if "://" in cluster.folder:
            settings["spark_log"], store_path = cluster.folder, Path(cluster.folder.rstrip("/").rpartition("/")[2])
    serve_app(store_path, settings)
