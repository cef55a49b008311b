"""A model with a renamed column, a default and a column that is set on each write."""

from __future__ import annotations

from django.db import models
from psqlextra.models import PostgresModel


class Device(PostgresModel):
    serial = models.CharField(max_length=9, db_column="serial_no")
    online = models.BooleanField(default=True)
    seen = models.DateTimeField(auto_now=True)
    gone = models.DateTimeField(null=True)
    room_id = models.BigIntegerField(null=True)
