# SPDX-License-Identifier: GPL-3.0-or-later
"""Every setting of station.toml: its key, its default, what it means."""

from __future__ import annotations

from dataclasses import dataclass

from station.model import Language, Provider


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting: its dotted key, default and what it means. The default's type is the setting's type; a list of texts
    is a TOML list, and on a command line or in the environment its items are separated by `:`."""

    key: str
    default: str | int | float | bool | tuple[str, ...]
    meaning: str

    @property
    def variable(self) -> str:
        return "STATION_" + self.key.upper().replace(".", "_")


SETTINGS: tuple[Setting, ...] = (
    Setting("bench.name", "bench-1", "this bench's name in the audit and on reports"),
    Setting("bench.state_dir", "", "where ledger, key and tokens live (0700); empty: the user's data directory"),
    Setting("bench.profile", "", "profile flashed by default: a file, or the name of one in profiles_dir"),
    Setting("bench.profiles_dir", "", "folder of profiles; empty: `profiles` beside station.toml"),
    Setting("bench.language", "en", f"the operator's language: {' or '.join(Language)}"),
    Setting("bench.scanner", "", "a scanner on a serial port: USB topology or path; empty: none, or one that types"),
    Setting(
        "bench.ended_by", "supervisor", "who ends `station run`, once a supervisor has a PIN: supervisor or anyone"
    ),
    Setting("bench.write_attempts", 2, "writes tried on one board in one visit, 1 to 5"),
    Setting("bench.lock_slot_after", 3, "failures in a row that lock a slot, 2 to 10"),
    Setting("bench.lock_station_after", 5, "failures of the last ten boards that lock the station, 2 to 10"),
    Setting("bench.plan", 0, "boards an hour that this bench is to make; 0: no plan"),
    Setting(
        "bench.keep_secrets", default=False, meaning="keep sealed secrets after CONSUMED instead of destroying them"
    ),
    Setting(
        "ledger.witnesses",
        (),
        "further folders for the journal of boards that were written: a USB stick, a share; outside state_dir",
    ),
    Setting("ledger.url", "", "a line's ledger: postgresql://ROLE@HOST/DATABASE; empty: a file of this bench's own"),
    Setting("ledger.password_file", "", "0600 file with that role's password; empty: libpq's own, ~/.pgpass"),
    Setting("ledger.password_keyring", "", "or: keyring entry with that password"),
    Setting("printer.where", "", "the label printer: tcp://HOST[:9100], a device file, or cups:NAME; empty: none"),
    Setting("printer.font", "", "a TrueType font for labels; empty: one of this PC that has Chinese characters"),
    Setting("line.plan", 0, "boards an hour that the whole line is to make; 0: no plan"),
    Setting("mes.ask", "", "https address asked by POST before a board gets an identity; empty: nobody is asked"),
    Setting("mes.token_file", "", "0600 file with the bearer token for it"),
    Setting("mes.wait_s", 5.0, "seconds that its answer may take, 0.1 to 60"),
    Setting("mes.silence", "refuse", "what no answer means: refuse or allow"),
    Setting("mes.order", "", "work order that boards are begun for; `station flash --order` instead"),
    Setting("mes.quantity", 0, "boards of that order, after which no further one is begun; 0: as many as come"),
    Setting("serve.host", "127.0.0.1", "the address that `station serve` answers line clients at; 0.0.0.0: every one"),
    Setting("serve.port", 8765, "its TCP port; 0: any free one"),
    Setting("serve.cert_file", "", "its certificate (PEM): clients ask by https"),
    Setting("serve.key_file", "", "0600 file with that certificate's key"),
    Setting(
        "serve.unsecured",
        default=False,
        meaning="answer other PCs without a certificate: tokens and secrets cross the network readable",
    ),
    Setting("serve.accept", "digest", "weakest proof that a client's board is done by: digest, partial or reported"),
    Setting("serve.confirm_s", 600.0, "seconds that a client has to say what became of a board; then it is in doubt"),
    Setting(
        "log.file", "", "the log: a file, in state_dir where it has no folder, or journal; empty: only as a service"
    ),
    Setting("log.level", "info", "what is in it: debug, info, warning or error, and what is worse"),
    Setting("log.max_mib", 10, "MiB of a file before the next one begins, 1 to 1000"),
    Setting("log.keep", 5, "older files kept beside it, 1 to 100"),
    Setting("vault.key_file", "", "the data key; empty: `station.key` in state_dir"),
    Setting("vault.passphrase_file", "", "0600 file with the key's passphrase, for unattended benches"),
    Setting("cloud.provider", "living", f"where certificates come from by default: {' or '.join(Provider)}"),
    Setting("cloud.ask_above", 5000, "amounts above this that cost something are asked for twice"),
    Setting("cloud.living.url", "https://api.link.aliyun.com", "the region's gateway"),
    Setting("cloud.living.app_key", "", "AppKey of the project's cloud side"),
    Setting("cloud.living.secret_file", "", "0600 file with the AppSecret"),
    Setting("cloud.living.secret_keyring", "", "or: keyring entry with the AppSecret"),
    Setting("cloud.living.project_id", "", "project id (`res` of /cloud/token)"),
    Setting("cloud.living.calls_per_s", 5.0, "rate limit; 0 = none"),
    Setting("cloud.living.no_status", "ready", "a certificate that comes without its status is: ready, or withheld"),
    Setting("cloud.iotda.url", "", "https address of the IoTDA instance (application side)"),
    Setting("cloud.iotda.region", "", "region, e.g. cn-north-4"),
    Setting("cloud.iotda.project_id", "", "IAM project id"),
    Setting("cloud.iotda.instance_id", "", "Instance-Id header; needed by the professional edition"),
    Setting("cloud.iotda.app_id", "", "resource space; empty: the default one"),
    Setting("cloud.iotda.auth", "auto", "auto, plain or derived (AK/SK), or token (IAM user)"),
    Setting("cloud.iotda.access_key", "", "AK, or the IAM user's name with auth = token"),
    Setting("cloud.iotda.iam_url", "", "IAM address with auth = token; empty: the region's"),
    Setting("cloud.iotda.iam_domain", "", "IAM account (domain) with auth = token"),
    Setting("cloud.iotda.secret_file", "", "0600 file with the SK or the password"),
    Setting("cloud.iotda.secret_keyring", "", "or: keyring entry with the SK or the password"),
    Setting("cloud.iotda.calls_per_s", 5.0, "most calls in any second; the account's limit is all benches'; 0 = none"),
    Setting("cloud.iotda.parallel", 0, "registrations under way together, at most 32; 0: as calls_per_s needs"),
    Setting("cloud.aliyun_iot.region", "cn-shanghai", "region of the IoT Platform instance"),
    Setting("cloud.aliyun_iot.url", "", "its address; empty: the region's, https://iot.REGION.aliyuncs.com"),
    Setting("cloud.aliyun_iot.instance_id", "", "IotInstanceId, where the console's overview shows one"),
    Setting("cloud.aliyun_iot.access_key", "", "AccessKey ID of a RAM user who may read and register devices"),
    Setting("cloud.aliyun_iot.secret_file", "", "0600 file with the AccessKey Secret"),
    Setting("cloud.aliyun_iot.secret_keyring", "", "or: keyring entry with the AccessKey Secret"),
    Setting("cloud.aliyun_iot.calls_per_s", 5.0, "rate limit; 0 = none"),
    Setting(
        "cloud.aliyun_iot.ask_states",
        default=True,
        meaning="ask for each page whether its devices are in use (BatchGetDeviceState): certificates do not say it",
    ),
    Setting("cloud.aliyun_iot.no_status", "ready", "a certificate whose status is not known is: ready, or withheld"),
    Setting(
        "cloud.env_file",
        "",
        "0600 file of NAME=VALUE lines with LIVING_APP_SECRET, IOTDA_SECRET, ALIYUN_IOT_SECRET",
    ),
)
