// Opens the reader that the page names; both read the same document.
(() => {
  "use strict";
  const place = document.getElementById("docs");
  if (place.dataset.reader === "swagger") {
    SwaggerUIBundle({
      url: place.dataset.document,
      domNode: place,
      deepLinking: true,
      persistAuthorization: false,
      tryItOutEnabled: true,
      validatorUrl: null,
    });
  } else {
    const plain = "system-ui, sans-serif";
    Redoc.init(
      place.dataset.document,
      { theme: { typography: { fontFamily: plain, headings: { fontFamily: plain } } } },
      place,
    );
  }
})();
