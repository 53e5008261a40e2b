// What was ticked stays ticked when the sheet is opened again. It is kept in this browser alone, under the text's
// fingerprint and a checksum of the page, so that no two patients' sheets share it; nothing that the page says is kept.
(function () {
  "use strict";
  var boxes = Array.prototype.slice.call(document.querySelectorAll("input[type=checkbox]"));
  var words = document.body.textContent;
  var sum = 0;
  for (var at = 0; at < words.length; at += 1) sum = (Math.imul(sum, 31) + words.charCodeAt(at)) | 0;
  var place = "handouts " + document.documentElement.dataset.fingerprint + " " + (sum >>> 0).toString(16);
  var kept = "";
  try { kept = localStorage.getItem(place) || ""; } catch (closed) { /* Boxes can be ticked all the same. */ }
  boxes.forEach(function (box, index) {
    box.checked = kept.charAt(index) === "1";
    box.addEventListener("change", function () {
      var now = boxes.map(function (one) { return one.checked ? "1" : "0"; }).join("");
      try { localStorage.setItem(place, now); } catch (full) { /* As above. */ }
    });
  });
})();
