"""The staff's app: review what people asked, teach, publish, watch (docs/staff.md)."""
