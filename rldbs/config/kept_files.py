"""Our configuration files for Hydra, each read once: parsing them would be half of the time that composing takes; and
without what does not count beside the options that are named.
"""

import os
import pickle
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from hydra._internal.config_repository import IConfigRepository
from hydra._internal.core_plugins.file_config_source import FileConfigSource
from hydra.core.default_element import ResultDefault
from hydra.plugins.config_source import ConfigResult
from omegaconf import OmegaConf

from rldbs.config.groups import left_out
from rldbs.config.settings_files import CONF


class KeptFiles(FileConfigSource):
    """A folder of files that are read again only where they have changed."""

    def load_config(self, config_path: str) -> ConfigResult:
        """What is in a file; Hydra changes what it is given, so it gets a copy."""
        place = os.path.join(self.path, self._normalize_file_name(config_path))
        result = pickle.loads(_loaded(self.provider, self.path, config_path, os.stat(place).st_mtime_ns))
        assert isinstance(result, ConfigResult)
        return result


@lru_cache(maxsize=512)
def _loaded(provider: str, folder: str, config_path: str, changed: int) -> bytes:
    """Kept pickled, in memory alone: copies are made seven times as fast from that as from what was read."""
    return pickle.dumps(FileConfigSource(provider, folder).load_config(config_path))


def keep_files(repository: IConfigRepository) -> None:
    """Let a repository of Hydra take the files of the package from what is kept."""
    sources = repository.get_sources()
    for k, source in enumerate(sources):
        if source.scheme() == "file" and source.path == str(CONF):
            sources[k] = KeptFiles(source.provider, source.path)


def leave_out(
    order: Sequence[ResultDefault], files: IConfigRepository, named: Mapping[str, str], directories: Sequence[Path]
) -> None:
    """Take out of the files of a repository, which keeps them, what does not count beside the options ``named``.

    Args:
        order: the files.
        files: where they are.
        named: as :func:`.named_options` has them.
        directories: with groups and options of the user's own.
    """
    for path in [one.config_path for one in order if named and one.config_path]:
        file = files.load_config(path)
        if file is None:
            continue
        values = OmegaConf.to_container(file.config, resolve=False)
        assert isinstance(values, dict)
        sections = {str(key): value for key, value in values.items()}
        for key in left_out(path.partition("/")[0], sections, named, directories):
            section, _, name = key.partition(".")
            file.config[section].pop(name)
