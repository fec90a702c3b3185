// Draws the charts of the dashboard. The same numbers stand in a table below each.

// A variable of the style may hold light-dark(...), which only an element's own colour resolves.
function colours(names) {
  const probe = document.createElement("span");
  document.body.append(probe);
  const found = names.map((name) => {
    probe.style.color = `var(--${name})`;
    return getComputedStyle(probe).color;
  });
  probe.remove();
  return found;
}

function settings({ kind, labels, series }) {
  const [ink, hair, accent, warn] = colours(["ink", "hair", "accent", "warn"]);
  const line = kind === "line";
  const scale = { beginAtZero: true, ticks: { color: ink, precision: 0 }, grid: { color: hair } };
  const names = { ticks: { color: ink, autoSkip: line, maxRotation: 0 }, grid: { display: false } };
  return {
    type: kind,
    data: {
      labels,
      // The second line differs by its dashes too, not by its colour alone.
      datasets: series.map(({ name, values }, place) => ({
        label: name,
        data: values,
        borderColor: place ? warn : accent,
        backgroundColor: place ? warn : accent,
        borderDash: place ? [6, 4] : [],
        pointStyle: place ? "rect" : "circle",
      })),
    },
    options: {
      animation: matchMedia("(prefers-reduced-motion: reduce)").matches ? false : { duration: 300 },
      indexAxis: line ? "x" : "y",
      maintainAspectRatio: false,
      scales: line ? { x: names, y: scale } : { x: scale, y: names },
      plugins: { legend: { display: series.length > 1, labels: { color: ink } } },
    },
  };
}

// As the tables write them, in both languages.
Chart.defaults.locale = "en-US";

const charts = [...document.querySelectorAll("canvas[data-chart]")].map((canvas) => {
  const data = JSON.parse(document.getElementById(canvas.dataset.chart).textContent);
  return { data, chart: new Chart(canvas, settings(data)) };
});

matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
  for (const { data, chart } of charts) {
    const { data: drawn, options } = settings(data);
    Object.assign(chart, { data: drawn, options });
    chart.update("none");
  }
});
