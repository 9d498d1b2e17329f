"""The pages of this room: phone first, and every one works without JavaScript."""
