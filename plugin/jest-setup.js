// Jest setup provided by Grafana scaffolding
import './.config/jest-setup';

// What Grafana's combobox measures its texts with; jsdom has no canvas.
HTMLCanvasElement.prototype.getContext = () => ({ measureText: (text) => ({ width: 8 * text.length }) });
