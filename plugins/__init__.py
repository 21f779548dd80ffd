"""The plugins that come with 同行. None knows another."""
