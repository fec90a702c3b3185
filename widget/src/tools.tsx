// What works on the device alone, the sheets for paper, and deletion.

import { Dialog } from "./dialog.tsx";
import { boot, say, type Language } from "./words.ts";

export type Tool = "rights" | "sheet" | "renewal" | "keep";

interface Properties {
  language: Language;
  onClose: () => void;
  onTool: (tool: Tool) => void;
  onErase: () => void;
}

export function ToolsDialog({ language, onClose, onTool, onErase }: Properties) {
  const tools: Tool[] = ["rights", "sheet", "renewal"];
  // In a frame the worker would belong to a page that its visitor never opened.
  if (!boot.framed && "serviceWorker" in navigator) tools.push("keep");
  return (
    <Dialog name="tools" title={say(language, "page_tools")} language={language} onClose={onClose}>
      <ul class="list">
        {tools.map((tool) => (
          <li key={tool}>
            <button type="button" onClick={() => onTool(tool)}>
              {say(language, `page_tool_${tool}`)}
            </button>
          </li>
        ))}
        {["card", "plan"].map((sheet) => (
          <li key={sheet}>
            <a class="button" href={`/print/${sheet}?lang=${language}`} target="_blank" rel="noopener noreferrer">
              {say(language, `${sheet}_title`)}
            </a>
          </li>
        ))}
        <li>
          <button type="button" class="danger" onClick={onErase}>
            {say(language, "page_delete")}
          </button>
          <p class="note">{say(language, "page_delete_note")}</p>
        </li>
      </ul>
    </Dialog>
  );
}
