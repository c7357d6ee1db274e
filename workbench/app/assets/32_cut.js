/* A text that is cut for want of room says itself whole when pointed at or reached by keyboard. */
(function () {
  const cuts = (element) => {
    const style = getComputedStyle(element);
    return style.textOverflow === "ellipsis" || style.webkitLineClamp !== "none";
  };
  function whole(element) {
    if (!(element instanceof HTMLElement) || element.closest(".wb-hinted") || !cuts(element)) return;
    const own = element.dataset.wbCut !== undefined;
    if (!own && element.closest("[title]")) return;
    const cut = element.scrollWidth > element.clientWidth || element.scrollHeight > element.clientHeight + 1;
    if (cut) {
      element.title = element.textContent.trim();
      element.dataset.wbCut = "";
    } else if (own) {
      element.removeAttribute("title");
      delete element.dataset.wbCut;
    }
  }
  document.addEventListener("mouseover", (event) => whole(event.target), { passive: true });
  document.addEventListener("focusin", (event) => event.target.querySelectorAll && event.target.matches("button, a") && event.target.querySelectorAll("span").forEach(whole));
})();
