/* The grid in the page's type and colours, light and dark. */
var dagfuncs = (window.dashAgGridFunctions = window.dashAgGridFunctions || {});
dagfuncs.wbGridTheme = function (theme) {
  return theme.withParams({
    fontFamily: "inherit",
    fontSize: 13,
    headerFontWeight: 500,
    backgroundColor: "var(--wb-surface)",
    foregroundColor: "var(--wb-text)",
    borderColor: "var(--wb-line)",
    headerBackgroundColor: "var(--wb-surface)",
    headerTextColor: "var(--wb-muted)",
    accentColor: "var(--wb-accent)",
    wrapperBorderRadius: 8,
    rowBorder: true,
  });
};
