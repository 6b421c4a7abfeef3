"""Changes of state: readings merged as they come, and what NGSI-LD's operations do to entities."""

from yong.kernel.context.service.observing import Entities, Known, apply, settle

__all__ = ["Entities", "Known", "apply", "settle"]
