"""What incident tools send. A module per tool reads its payloads; `endpoint` is the way in."""
