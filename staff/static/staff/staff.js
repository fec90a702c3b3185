// Small things that HTML alone does not do. Pages work without it, but for the keys.

// "j" and "k" lead to the next and the previous conversation, unless somebody is typing.
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target instanceof Element && event.target.closest("input, textarea, select")) return;
  const link = { j: "next", k: "prev" }[event.key];
  if (link) document.querySelector(`a[rel=${link}]`)?.click();
});
