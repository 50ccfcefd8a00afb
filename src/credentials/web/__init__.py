"""The public door: HTTP and pages. The only room that knows Litestar."""
