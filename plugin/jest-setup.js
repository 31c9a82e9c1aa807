// Jest setup provided by Grafana scaffolding
import './.config/jest-setup';
import { configure } from '@testing-library/react';

// Whether an element can be seen is slow to compute on Grafana's components: a look took longer than the default second.
// The browser tests see what can be seen.
configure({ asyncUtilTimeout: 20_000, defaultHidden: true });

// What Grafana's combobox measures its texts with; jsdom has no canvas.
HTMLCanvasElement.prototype.getContext = () => ({ measureText: (text) => ({ width: 8 * text.length }) });
