// Sorts a table by a column when its heading is pressed: numbers before words,
// once more for the other way round. Without scripts the page is whole all the same.
(function () {
  "use strict";
  function key(cell) {
    var text = cell.textContent.trim().replace(/\u2212/g, "-").replace(/\([^)]*\)/, "");
    var value = text === "\u221e" ? Infinity : parseFloat(text);
    return isNaN(value) ? text : value;
  }
  function compare(a, b) {
    if (typeof a !== typeof b) { return typeof a === "number" ? -1 : 1; }
    return a === b ? 0 : (a > b ? 1 : -1);
  }
  function sortBy(table, heads, column) {
    var down = heads[column].getAttribute("aria-sort") === "ascending";
    heads.forEach(function (head) { head.removeAttribute("aria-sort"); });
    heads[column].setAttribute("aria-sort", down ? "descending" : "ascending");
    var rows = Array.from(table.tBodies[0].rows);
    rows.sort(function (x, y) {
      var order = compare(key(x.cells[column]), key(y.cells[column]));
      return down ? -order : order;
    });
    rows.forEach(function (row) { table.tBodies[0].appendChild(row); });
  }
  document.querySelectorAll("table.sortable").forEach(function (table) {
    var heads = Array.from(table.tHead.rows[0].cells);
    table.classList.add("sorting");
    heads.forEach(function (head, column) {
      var button = document.createElement("button");
      button.type = "button";
      button.title = "sort by this column";
      while (head.firstChild) { button.appendChild(head.firstChild); }
      head.appendChild(button);
      button.addEventListener("click", function () { sortBy(table, heads, column); });
    });
  });
}());
