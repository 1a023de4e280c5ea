"""The public test suite for Jupyter kernels (PyPI: jupyter_kernel_test), for ours.

    gradus kernel install --prefix /some/where
    JUPYTER_PATH=/some/where/share/jupyter python3 tests/jupyter_suite.py
"""

import unittest

import jupyter_kernel_test


class Gradus(jupyter_kernel_test.KernelTests):
    kernel_name = "gradus"
    language_name = "rust"
    file_extension = ".rs"

    code_hello_world = 'println!("hello, world");'
    code_stderr = 'eprintln!("to stderr");'
    code_generate_error = 'panic!("on purpose");'
    code_execute_result = [
        {"code": "6 * 7", "result": "42"},
        {"code": '"text"', "result": '"text"'},
    ]
    code_display_data = [
        {
            "code": 'println!("EVCXR_BEGIN_CONTENT text/html\\n<b>bold</b>\\nEVCXR_END_CONTENT");',
            "mime": "text/html",
        },
    ]
    code_clear_output = 'println!("\\u{1e}gradus {{\\"clear\\":{{\\"wait\\":false}}}}");'

    complete_code_samples = ["let x = 1;", "fn f() {}", "x", '"text"']
    incomplete_code_samples = ["fn f() {", "let x = vec![1,", '"text', "1 +"]
    invalid_code_samples = ["fn f) {", "}"]

    completion_samples = [
        {"text": "let v: Vec<i32> = Vec::new(); v.is_em", "matches": {"is_empty()"}},
        {"text": "std::env::curr", "matches": {"current_dir()", "current_exe()"}},
    ]

    code_inspect_sample = "String::new"

    code_history_pattern = "6?*7"
    supported_history_operations = ("tail", "range", "search")

    def test_read_line(self):
        """A plain `read_line` asks the user; what was printed last is the prompt."""
        self.flush_channels()
        code = (
            'print!("name? "); let mut line = String::new(); '
            "std::io::stdin().read_line(&mut line)?; println!(\"<{}>\", line.trim());"
        )
        self.kc.execute(code, allow_stdin=True)
        question = self.kc.get_stdin_msg(timeout=60)
        self.assertEqual(question["msg_type"], "input_request")
        self.assertEqual(question["content"]["prompt"], "name? ")
        self.kc.input("Ada")
        text = ""
        while True:
            message = self.kc.get_iopub_msg(timeout=30)
            if message["msg_type"] == "stream":
                text += message["content"]["text"]
            if message["msg_type"] == "status" and message["content"]["execution_state"] == "idle":
                break
        self.assertIn("<Ada>", text)
        self.kc.get_shell_msg(timeout=30)

    def test_without_stdin_there_is_an_end(self):
        """Where nobody can be asked, the input ends."""
        self.flush_channels()
        code = "let mut rest = String::new(); std::io::stdin().read_line(&mut rest)?"
        self.kc.allow_stdin = False
        reply, output = self.execute_helper(code=code, timeout=60)
        self.assertEqual(reply["content"]["status"], "ok")
        self.assertEqual(output[0]["content"]["data"]["text/plain"], "0")


if __name__ == "__main__":
    unittest.main(verbosity=2)
