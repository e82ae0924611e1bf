"""What every service stands on: contracts, messaging, storage, web, observability. It knows no service."""
