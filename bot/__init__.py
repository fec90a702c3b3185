"""Conoce: a bilingual immigrant-rights assistant. The house is described in docs/architecture.md."""
