"""Our configuration files for Hydra, each read once: parsing them would be half of the time that composing takes."""

import os
import pickle
from functools import lru_cache

from hydra._internal.config_repository import IConfigRepository
from hydra._internal.core_plugins.file_config_source import FileConfigSource
from hydra.plugins.config_source import ConfigResult

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
    """Pickled: copies are made seven times as fast from that as from what was read."""
    return pickle.dumps(FileConfigSource(provider, folder).load_config(config_path))


def keep_files(repository: IConfigRepository) -> None:
    """Let a repository of Hydra take the files of the package from what is kept."""
    sources = repository.get_sources()
    for k, source in enumerate(sources):
        if source.scheme() == "file" and source.path == str(CONF):
            sources[k] = KeptFiles(source.provider, source.path)
