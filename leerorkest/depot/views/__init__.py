"""The depot's pages: phone first, and every one works without JavaScript."""
