-- SPDX-License-Identifier: GPL-3.0-or-later
-- A device that the cloud names by its iotId is found as fast as one that is named by its name.

CREATE INDEX certificates_by_iot_id ON certificates(iot_id) WHERE iot_id <> '';
